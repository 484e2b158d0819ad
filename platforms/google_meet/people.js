// Who is in the call, and who speaks. Reads tiles; with `follow`, also keeps a light observer on
// them that lives until a look without: it is synced here, at each look, and wakes nobody.
// Returns {at: number, count: number | null,
//          people: [{id, name, isSelf, speaking, spoke: [[msAgo, msAgo], ...] | null, presenting}]}.
// `spoke` is when they did so after `since`, the `at` of the last answer that arrived: on a full
// machine answers are far apart, and some are lost.
({ follow, since }) => {
  const KEY = Symbol.for('tile-activity');
  const BUCKET_MS = 40;       // mutations of one paint are one change
  const WINDOW_MS = 500;
  const CHANGES = 3;          // of that many in the window somebody speaks
  const QUIET_MS = 1200;
  const SPANS = 20;           // kept of each person: more do not fit between two answers
  const ICONS = '.google-symbols, .google-material-icons, .material-symbols-outlined, .material-icons-extended';

  const hasIcon = (element, names) =>
    [...element.querySelectorAll(ICONS)].some((icon) => names.includes(icon.textContent.trim()));
  const nameIn = (element) =>
    element.querySelector('span.notranslate')?.textContent.trim() || element.getAttribute('data-self-name') || '';

  const marked = [...document.querySelectorAll('[data-participant-id]')];
  const rows = marked.filter((element) => element.matches('[role="listitem"]'));
  const tiles = marked.filter((element) => !element.matches('[role="listitem"]') && !element.closest('[role="listitem"]')
    && (element.hasAttribute('data-tile-media-id') || nameIn(element) || !hasIcon(element, ['visual_effects'])));

  class Activity {
    constructor() {
      this.tiles = new Map();
      this.observer = new MutationObserver((records) => {
        const now = performance.now();
        const changed = new Set();
        for (const record of records) {
          const tile = record.target.closest('[data-participant-id]');
          if (tile) changed.add(tile.dataset.participantId);
        }
        for (const id of changed) this.note(id, now);
      });
      this.heard = new Map();
    }

    note(id, now) {
      const heard = this.heard.get(id) ?? { times: [], spans: [] };
      this.heard.set(id, heard);
      if (now - (heard.times.at(-1) ?? -Infinity) < BUCKET_MS) return;
      heard.times = [...heard.times.filter((time) => now - time < WINDOW_MS), now];
      if (heard.times.length >= CHANGES) this.extend(heard, now);
    }

    extend({ times: [first], spans }, now) {
      const last = spans.at(-1);
      if (last && first - last[1] < WINDOW_MS) last[1] = now;
      else spans.push([first, now]);
      if (spans.length > SPANS) spans.shift();
    }

    sync(elements) {
      const same = elements.length === this.tiles.size && elements.every((element) => this.tiles.has(element));
      if (same) return;
      this.observer.disconnect();
      this.tiles = new Map(elements.map((element) => [element, true]));
      for (const element of elements) {
        this.observer.observe(element, { attributes: true, attributeFilter: ['class'], subtree: true });
      }
    }

    rest() {
      this.observer.disconnect();
      this.tiles.clear();
    }

    // This object outlives the look that made it: `now` and `since` are those of the present one.
    speaks(id, now) {
      return now - (this.heard.get(id)?.spans.at(-1)?.[1] ?? -Infinity) < QUIET_MS;
    }

    spoke(id, now, since) {
      const spans = (this.heard.get(id)?.spans ?? []).filter(([, to]) => to > since);
      return spans.map(([from, to]) => [now - Math.max(from, since), now - to]);
    }
  }

  const now = performance.now();
  const activity = follow ? (window[KEY] ??= new Activity()) : window[KEY];
  if (follow) activity.sync(tiles);
  else activity?.rest();

  const shown = (element) => element.checkVisibility() && element.getBoundingClientRect().width > 0;
  // A presentation is a second tile of the same person (Z), or a tile with a letterbox (B). A copy
  // of a tile, as there is while a layout changes, has the media id of the first.
  const presents = (id) => {
    const own = tiles.filter((tile) => tile.dataset.participantId === id && shown(tile)
      && !tile.parentElement.closest('[data-participant-id]'));
    const medias = new Set(own.map((tile) => tile.dataset.tileMediaId ?? tile));
    return medias.size > 1 || own.some((tile) => tile.querySelector('[data-layout="roi-crop"]') !== null);
  };

  const people = new Map();
  for (const tile of tiles) {
    const id = tile.dataset.participantId;
    const known = people.get(id)
      ?? { id, name: '', isSelf: false, speaking: false, spoke: activity?.spoke(id, now, since ?? -Infinity) ?? null, presenting: presents(id) };
    const name = nameIn(tile);
    // a presentation is a second tile of the same person, its name only ever longer
    if (name && (!known.name || name.length < known.name.length)) known.name = name;
    known.isSelf ||= tile.hasAttribute('data-self-name') || hasIcon(tile, ['frame_person', 'visual_effects']);
    const level = '[data-audio-level]:not([data-audio-level="0"])';
    if (tile.matches(level) || tile.querySelector(level) !== null) Object.assign(known, { speaking: true, spoke: null });
    known.speaking ||= Boolean(activity?.speaks(id, now));
    people.set(id, known);
  }
  for (const row of rows) {
    // rows stay, without size, when the list was closed: they may name people, never add them
    const known = people.get(row.dataset.participantId);
    if (!known) continue;
    known.name ||= (row.getAttribute('aria-label') ?? '').trim();
    known.isSelf ||= /\((you)\)/i.test(row.textContent);
  }
  const badge = document.querySelector('[data-avatar-count]');
  const count = badge === null ? NaN : Number.parseInt(badge.dataset.avatarCount, 10);
  return { at: now, count: Number.isNaN(count) ? null : count, people: [...people.values()] };
}
