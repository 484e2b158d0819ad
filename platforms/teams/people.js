// Who is in the call, and who speaks. Changes nothing.
// Returns {count: number | null, alone: boolean, ownName: string | null,
//          people: [{name, isHost, marked, outlined, speaking, presenting}]}.
({ follow, name: ownName, aloneTexts }) => {
  const TILES = '[data-stream-type="Video"], [data-cid="calling-participant-stream"]';
  const OUTLINE = '[data-tid="voice-level-stream-outline"], [data-tid="participant-speaker-ring"]';
  const SCREENS = '[data-stream-type="ScreenSharing"]';
  const SELF = '[data-tid="myself-video"], [data-is-self="true"], [data-tid="self-video"]';
  const WRITTEN = '[data-stream-type], [data-tid^="chat-pane"], [data-tid^="message-pane"], [data-tid="ckeditor"]';
  // what the client adds to the names of people without an account in the tenant
  const ADDED = /\s*\((unverified|guest|external|gast|extern|nicht überprüft|invité|externe|non vérifié|invitado|externo|sin comprobar|convidado|não verificado|ゲスト|外部|未確認)\)\s*$/iu;

  const shown = (element) => {
    const box = element.getBoundingClientRect();
    return box.width > 0 && box.height > 0 && element.checkVisibility({ visibilityProperty: true });
  };
  const clean = (text) => text.replace(ADDED, '').replace(ADDED, '').replace(/\s+/g, ' ').trim();
  const plain = (text) => text.replace(/[\u2018\u2019\u02bc]/g, "'").replace(/[.…]+$/, '').replace(/\s+/g, ' ').trim().toLowerCase();
  const nameOf = (tile) => clean(
    tile.querySelector('[data-tid="participant-info-nametag"]')?.textContent
    || (tile.matches('[data-stream-type]') && tile.getAttribute('data-tid'))
    || (tile.getAttribute('aria-label') ?? '').split(',')[0]);

  const blue = (colour) => {
    const [red, , azure, alpha = 1] = (colour.match(/[\d.]+/g) ?? []).map(Number);
    return alpha > 0 && azure > red + 40;
  };
  const speaks = (outline) => {
    if (outline.classList.contains('vdi-frame-occlusion') || outline.dataset.isSpeaking === 'true') return true;
    if (outline.dataset.tid === 'participant-speaker-ring') return getComputedStyle(outline).opacity === '1';
    const border = getComputedStyle(outline, '::before');
    return border.content !== 'none' && border.opacity === '1'
      && Number.parseFloat(border.borderTopWidth) > 0 && blue(border.borderTopColor);
  };

  const roster = window[Symbol.for('roster')]; // read by the panel's own look, now and then
  const people = [...document.querySelectorAll(TILES)].filter(shown).map((tile) => {
    const outline = tile.querySelector(OUTLINE);
    const name = nameOf(tile);
    return {
      name,
      isHost: roster?.get(name) ?? null,
      marked: tile.matches(SELF) || tile.querySelector(SELF) !== null,
      outlined: outline !== null,
      speaking: follow && outline !== null && speaks(outline),
      presenting: false,
    };
  }).filter(({ name }) => name);

  // a shared screen bears its sharer's name; who shares is in the call, on the stage or not
  for (const name of [...document.querySelectorAll(SCREENS)].filter(shown).map(nameOf).filter(Boolean)) {
    const sharer = people.find((person) => person.name === name && !person.marked);
    if (sharer) sharer.presenting = true;
    else people.push({ name, isHost: roster?.get(name) ?? null, marked: false, outlined: true, speaking: false, presenting: true });
  }

  const badge = document.querySelector('#roster-button [data-tid="toolbar-item-badge"], [data-tid="roster-button-tile"]');
  const stage = document.querySelector('[data-tid="MixedStage-wrapper"][data-participant-count]');
  const count = Number.parseInt(badge?.textContent || stage?.dataset.participantCount, 10);
  const saysAlone = () => [...document.querySelectorAll('h1, h2, h3, p, span, div')].some((element) =>
    element.childElementCount === 0 && aloneTexts.includes(plain(element.textContent))
    && !element.closest(WRITTEN) && shown(element));
  return {
    count: Number.isNaN(count) ? null : count,
    alone: people.length < 2 && saysAlone(),
    ownName: ownName ? clean(ownName) : null,
    people,
  };
}
