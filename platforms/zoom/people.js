// Who is in the call, and whom the client shows as the one who speaks. Reads the footer's count, the
// tiles and, where it is or was open, the list of participants.
// Returns {count: number | null, people: [{id, name, isSelf, isHost, speaking, presenting}]}.
(findRoots) => ({ marks }) => {
  const NAMES = '.video-avatar__avatar-footer span, .video-avatar__avatar-name';
  const ACTIVE = '[class*="__video-frame--active"], .single-main-container__video-frame, .single-suspension-container__video-frame';
  const STAGE = '.speaker-active-container__video-frame';
  const COUNTER = '#participant .footer-button__number-counter, [feature-type=participant] .footer-button__number-counter, '
    + '[data-feature-type=participant] .footer-button__number-counter';

  const roots = findRoots();
  const all = (selector) => roots.flatMap((root) => [...root.querySelectorAll(selector)]);
  const text = (element) => element.textContent.replace(/\s+/g, ' ').trim();
  const nameIn = (element) => [...element.querySelectorAll(NAMES)].map(text).find(Boolean) ?? '';
  const own = window[Symbol.for('own-name')] ?? '';

  const counts = all(COUNTER).map((element) => parseInt(text(element), 10)).filter((count) => !Number.isNaN(count));
  const count = counts.length > 0 ? Math.max(...counts) : null;

  // "(me)", "(Host, me)": the words are the client's, in its language
  const labelled = (label, words) => label.toLowerCase().split(/[(),\uff08\uff09\u3001]/).some((word) => words.includes(word.trim()));
  const inList = all('.participants-li').map((row) => {
    const label = [...row.querySelectorAll('.participants-item__name-label')].map(text).join(',')
      || /,(\([^)]*\)),/.exec(row.getAttribute('aria-label') ?? '')?.[1] || '';
    const name = [...row.querySelectorAll('.participants-item__display-name')].map(text).find(Boolean) ?? '';
    return { name, isSelf: labelled(label, marks.self), isHost: labelled(label, marks.host) };
  }).filter(({ name }) => name);

  // a shared screen closes the list (W): who was in it is still there while the count is the same
  const LISTED = Symbol.for('listed');
  if (inList.length > 0) window[LISTED] = { count, rows: inList };
  const rows = count !== null && window[LISTED]?.count === count ? window[LISTED].rows : inList;

  // speaker view shows one person twice, large and in the strip: tiles add a name only once
  const people = rows.map((row) => ({ ...row }));
  for (const name of new Set(all('.video-avatar__avatar').map(nameIn).filter(Boolean))) {
    if (!people.some((person) => person.name === name)) people.push({ name, isSelf: false, isHost: null });
  }
  const me = people.find(({ isSelf }) => isSelf) ?? (own ? people.find(({ name }) => name === own) : undefined);
  if (me) me.isSelf = true;

  // alone is alone: whatever tile is still there, it is nobody else's
  if (count === 1) people.splice(0, people.length, { ...(me ?? { name: own, isHost: null }), isSelf: true });
  else if (!me && (people.length > 0 || count !== null)) people.push({ name: own, isSelf: true, isHost: null });

  // where every tile has the stage's class it says nothing; a lone one is the one put forward
  const forward = [all(ACTIVE), all(STAGE)].find((frames) => frames.length > 0) ?? [];
  const active = (forward[0]?.matches(ACTIVE) || forward.length === 1 ? forward : []).map(nameIn).filter((name) => name && name !== own);
  const others = people.filter(({ isSelf }) => !isSelf);
  const speaks = (person) => !person.isSelf && (active.includes(person.name) || (active.length === 0 && others.length === 1 && count === 2));

  // Of whom the screen is: the number of its stream, but for the low ten bits, is that of the tile of
  // whoever shares it (Z, K), as long as they have a camera on; else the client's hint names them.
  const SCREEN = '#sharee-container video-player[media-type="share"][node-id], video-player[name="share-content"][media-type="share"][node-id]';
  const HINTS = '.sharee-sharing-indicator__tip, .sharee-container__indicator';
  const userOf = (player) => Number.parseInt(player.getAttribute('node-id'), 10) >> 10;
  const sharer = () => {
    const screen = all(SCREEN).find((player) => userOf(player) > 0);
    if (!screen) return undefined;
    const camera = all('video-player[media-type="video"][node-id]').find((player) => userOf(player) === userOf(screen));
    const owner = camera && nameIn(camera.closest('[data-attr="video-item-container"]') ?? camera.parentElement);
    const hint = all(HINTS).map(text).join(' ');
    const hinted = others.filter(({ name }) => name && hint.includes(name)).sort((a, b) => b.name.length - a.name.length);
    return others.find(({ name }) => owner && name === owner) ?? hinted[0] ?? (others.length === 1 ? others[0] : undefined);
  };
  const presenter = sharer();

  const seen = new Map();
  const numbered = (name) => {
    seen.set(name, (seen.get(name) ?? 0) + 1);
    return seen.get(name) === 1 ? name || 'self' : `${name}#${seen.get(name)}`;
  };
  return { count, people: people.map((person) => ({ ...person, id: numbered(person.name), speaking: speaks(person), presenting: person === presenter })) };
}
