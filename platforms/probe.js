// Looks at a page: which signs are seen? `signs` is [{name, clues: [{kind, ...}]}], `neverIn` a
// selector of what people write: no text in there is the client's own. Returns the look, a function
// that answers {name: boolean}; each is one synchronous run and changes nothing.
(findRoots) => ({ signs, neverIn }) => {
  const ICONS = '.google-symbols, .google-material-icons, .material-symbols-outlined, .material-icons-extended';
  const LONGEST_TEXT = 400;

  let roots = [];
  const all = (selector) => roots.flatMap((root) => [...root.querySelectorAll(selector)]);

  const norm = (text) =>
    text.replace(/[\u2018\u2019\u02bc]/g, "'").replace(/[\u200b\u00ad]/g, '').replace(/\s+/g, ' ').trim().toLowerCase();

  const shown = (element, width = 1, height = 1) => {
    if (!element.checkVisibility({ visibilityProperty: true })) return false;
    const box = element.getBoundingClientRect();
    return box.width >= width && box.height >= height;
  };
  const rendered = (element) => shown(element) && element.checkVisibility({ opacityProperty: true });

  // Like closest(), through the hosts of shadow roots.
  const inside = (element, selector) => {
    for (let node = element; node; node = node.getRootNode().host) {
      if (node.closest(selector)) return true;
    }
    return false;
  };

  const table = signs.map(({ name, clues }) => ({
    name,
    clues: clues.map((clue) => ({ ...clue, phrases: (clue.phrases ?? []).map(norm) })),
  }));
  const inTexts = [...new Set(table.flatMap(({ clues }) => clues)
    .filter(({ kind }) => kind === 'text').flatMap(({ phrases }) => phrases))];

  // Which phrases each root's text holds at all: searched anew only where the text has changed.
  const searched = new WeakMap();
  const search = (root) => {
    const top = root === document ? document.body : root;
    const raw = top ? top.textContent : '';
    if (searched.get(root)?.raw !== raw) {
      const text = norm(raw);
      searched.set(root, { raw, held: new Set(inTexts.filter((phrase) => text.includes(phrase))) });
    }
    return { top, held: searched.get(root).held };
  };
  let texts = [];

  // The innermost elements below `node` that hold the phrase.
  const holders = (node, phrase, found) => {
    let deeper = false;
    for (const child of node.children) {
      if (norm(child.textContent).includes(phrase)) {
        deeper = true;
        holders(child, phrase, found);
      }
    }
    if (!deeper && node instanceof Element) found.push(node);
    return found;
  };

  const saysPhrase = (phrase, clue) =>
    texts.some(({ top, held }) => held.has(phrase) && holders(top, phrase, []).some((element) => {
      const own = norm(element.textContent);
      return own.length <= LONGEST_TEXT && (!clue.whole || own === phrase) && rendered(element)
        && !(neverIn && inside(element, neverIn)) && (!clue.within || inside(element, clue.within))
        && !(clue.outside && inside(element, clue.outside));
    }));

  const number = (element) => (/^\s*\d+\s*\+?\s*$/.test(element.textContent) ? parseInt(element.textContent, 10) : NaN);

  let path = '';
  const onHost = (host) => (host.startsWith('.') ? `.${location.hostname}`.endsWith(host) : location.hostname === host);
  const onPath = (wanted) => (wanted.endsWith('*') ? path.startsWith(wanted.slice(0, -1)) : path === wanted);
  const matchers = {
    css: (clue) => all(clue.selector).some((element) =>
      !clue.visible || shown(element, clue.min_width_px, clue.min_height_px)),
    text: (clue) => clue.phrases.some((phrase) => saysPhrase(phrase, clue)),
    icon: (clue) => all(ICONS).some((element) =>
      element.textContent.trim() === clue.ligature && (!clue.visible || shown(element))),
    count: (clue) => all(clue.selector).some((element) =>
      number(element) >= clue.at_least && number(element) <= (clue.at_most ?? Infinity)),
    title: (clue) => clue.phrases.some((phrase) => norm(document.title).includes(phrase)),
    place: (clue) => /^https?:$/.test(location.protocol)
      && (clue.hosts.length === 0 || clue.hosts.some(onHost)) && !clue.elsewhere_than.some(onHost)
      && (clue.paths.length === 0 || clue.paths.some(onPath)),
  };

  return () => {
    roots = findRoots();
    texts = roots.map(search);
    path = location.pathname.replace(/(.)\/+$/, '$1');
    return Object.fromEntries(
      table.map(({ name, clues }) => [name, clues.some((clue) => matchers[clue.kind](clue))]));
  };
}
