// Looks at many mutations of the page it runs in, one after another, and puts the page back.
// `mutations` is [{remove: [kind], shuffle, keep, fuzz}]: kinds of evidence taken away everywhere,
// a seed to reorder children by, the share of elements that have come so far, a seed for damage at
// random. `look` is the probe. Returns the probe's answers.
({ signs, neverIn, mutations }, look) => {
  const ICONS = '.google-symbols, .google-material-icons, .material-symbols-outlined, .material-icons-extended';
  const PLAIN = new Set(['class', 'style', 'type', 'hidden', 'disabled', 'nonce', 'src', 'href', 'lang']);
  const LABELS = new Set(['role', 'title', 'alt', 'placeholder']);
  const LANDMARKS = 'h1, h2, h3, h4, h5, h6, main, nav, aside, header, footer, section, article, dialog, form, ul, ol, li, p';
  const NEVER = 'script, style, template';

  const random = (seed) => () => { // mulberry32
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const isLabel = (name) => LABELS.has(name) || name.startsWith('aria-');
  const strip = (element, drop) => {
    for (const { name } of [...element.attributes]) if (drop(name)) element.removeAttribute(name);
  };
  const renamed = (element) => {
    const other = document.createElement('div');
    for (const { name, value } of element.attributes) other.setAttribute(name, value);
    other.append(...element.childNodes);
    element.replaceWith(other);
    return other;
  };
  const isNumber = (text) => /^\s*\d+\s*\+?\s*$/.test(text);
  const reword = (element, wanted) => {
    for (const node of element.childNodes) {
      if (node.nodeType !== Node.TEXT_NODE) continue;
      const symbol = element.matches(ICONS) || isNumber(node.data);
      if (symbol === wanted) node.data = node.data.replace(/[\p{L}\p{N}_]/gu, 'q');
    }
  };
  const removers = {
    mark: (element) => {
      strip(element, (name) => !PLAIN.has(name) && !isLabel(name));
      return element.localName.includes('-') ? renamed(element) : element;
    },
    label: (element) => { strip(element, isLabel); return element; },
    words: (element) => { reword(element, false); return element; },
    symbol: (element) => { reword(element, true); return element; },
    structure: (element) => {
      if (!element.matches(ICONS)) element.removeAttribute('class');
      return element.matches(LANDMARKS) ? renamed(element) : element;
    },
    address: (element) => { strip(element, (name) => name === 'src' || name === 'href'); return element; },
  };

  const elements = () => [...document.body.querySelectorAll('*')].filter((element) => !element.closest(NEVER));
  const shuffle = (chance, share) => {
    for (const element of [document.body, ...elements()]) {
      if (chance() >= share) continue;
      const children = [...element.childNodes];
      for (let i = children.length - 1; i > 0; i -= 1) {
        const j = Math.floor(chance() * (i + 1));
        [children[i], children[j]] = [children[j], children[i]];
      }
      element.append(...children);
    }
  };
  const keep = (share) => {
    const all = elements();
    for (const element of all.slice(Math.ceil(all.length * share))) element.remove();
  };
  const damage = (chance) => {
    const strength = chance() * 0.5;
    for (const element of elements()) {
      if (!element.isConnected) continue;
      if (chance() < strength * 0.4) { element.remove(); continue; }
      let left = element;
      for (const kind of Object.keys(removers)) if (chance() < strength) left = removers[kind](left);
    }
    shuffle(chance, strength * 0.5);
    if (chance() < 0.3) keep(chance());
  };

  const withoutPlaces = signs.map(({ name, clues }) =>
    ({ name, clues: clues.filter(({ kind }) => kind !== 'place') }));
  const looking = look({ signs, neverIn });
  const lookingNowhere = look({ signs: withoutPlaces, neverIn });

  const { title } = document;
  const original = document.body;
  const looks = mutations.map((mutation) => {
    document.body.replaceWith(original.cloneNode(true));
    for (const kind of mutation.remove) for (const element of elements()) removers[kind](element);
    if (mutation.remove.includes('words')) document.title = 'q';
    if (mutation.shuffle !== null) shuffle(random(mutation.shuffle), 1);
    if (mutation.keep !== null) keep(mutation.keep);
    if (mutation.fuzz !== null) damage(random(mutation.fuzz));
    const found = mutation.remove.includes('address') ? lookingNowhere() : looking();
    document.title = title;
    return found;
  });
  document.body.replaceWith(original);
  return looks;
}
