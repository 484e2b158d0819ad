// Finds things to act on. `targets` is [{selectors, icons, texts, within, mentions, outside, hidden}];
// returns the search, a function that answers for each the element, or null. Changes nothing.
(findRoots) => (targets) => {
  const ICONS = '.google-symbols, .google-material-icons, .material-symbols-outlined, .material-icons-extended';
  const BUTTONS = 'button, [role="button"], [role="menuitem"], label, a[role="button"]';
  // taking a meeting over throws another session of the same account out
  const NEVER = ['switch here'];

  let roots = [];
  const norm = (text) => text.replace(/[\u2018\u2019\u02bc]/g, "'").replace(/\s+/g, ' ').trim().toLowerCase();
  const shown = (element) => {
    const box = element.getBoundingClientRect();
    return element.checkVisibility({ visibilityProperty: true }) && box.width > 0 && box.height > 0;
  };
  // For the time of one search: what is asked of one element for many targets.
  let remembered = new Map();
  const once = (make) => (element) => {
    let answers = remembered.get(make);
    if (!answers) remembered.set(make, answers = new Map());
    if (!answers.has(element)) answers.set(element, make(element));
    return answers.get(element);
  };
  const text = once((element) => norm(element.textContent));
  const label = once((element) => {
    if (element.querySelector(ICONS) === null) return text(element);
    const copy = element.cloneNode(true);
    for (const icon of copy.querySelectorAll(ICONS)) icon.remove();
    return norm(copy.textContent);
  });
  const buttons = once((root) => [...root.querySelectorAll(BUTTONS)]);
  const icons = once((root) => [...root.querySelectorAll(ICONS)]);
  const wanted = targets.map((target) =>
    ({ ...target, texts: target.texts.map(norm), mentions: target.mentions.map(norm) }));
  const button = (element) => element.closest('button, [role="button"]') ?? element;
  const enabled = (element) => !element.matches(':disabled, [aria-disabled="true"]');

  const candidates = (root, target) => [
    ...target.selectors.flatMap((selector) => [...root.querySelectorAll(selector)]),
    ...target.icons.flatMap((name) =>
      icons(root).filter((icon) => icon.textContent.trim() === name).map(button)),
    ...target.texts.flatMap((words) => buttons(root).filter((element) => label(element) === words)),
  ];

  const places = (target) => {
    if (!target.within) return roots;
    const found = roots.flatMap((root) => [...root.querySelectorAll(target.within)]).filter(shown).filter((place) =>
      target.mentions.length === 0 || target.mentions.some((phrase) => text(place).includes(phrase)));
    return found.reverse(); // the last one is on top
  };

  const locate = (target) => {
    for (const place of places(target)) {
      const found = candidates(place, target).filter((element) => enabled(element)
        && !(target.outside && element.closest(target.outside)) && !NEVER.includes(label(element)));
      const visible = found.find(shown) ?? (target.hidden ? found[0] : undefined);
      if (visible) return visible;
    }
    return null;
  };
  return () => {
    roots = findRoots();
    remembered = new Map();
    const found = wanted.map(locate);
    remembered.clear();
    return found;
  };
}
