// The page's structure as text, without what is secret or written by people: scripts, styles, page
// data, pictures, form values, chat, addresses' queries. Works on a copy.
// `keep` names data attributes that evidence is read off: their values stay where they are words of
// the client's own, without spaces.
({ chat, keep, limit }) => {
  const kept = new Set(keep);
  // styles go, so what they hide is marked hidden: it must not look like something that was said
  const isSeen = (element) => {
    const box = element.getBoundingClientRect();
    return element.checkVisibility({ visibilityProperty: true })
      && ((box.width > 0 && box.height > 0) || getComputedStyle(element).overflow === 'visible');
  };
  const all = [...document.documentElement.querySelectorAll('*')];
  const shown = new Set();
  for (const element of all.filter(isSeen)) {
    for (let node = element; node && !shown.has(node); node = node.parentElement) shown.add(node);
  }
  const root = document.documentElement.cloneNode(true);
  [...root.querySelectorAll('*')].forEach((element, i) => { element.hidden = !shown.has(all[i]); });
  const gone = `script, style, noscript, template, meta, link, base, svg, canvas, source, object, embed, ${chat}`;
  for (const element of root.querySelectorAll(gone)) {
    if (!element.matches('input, textarea')) element.remove(); // of a field only its value is secret
  }
  for (const element of root.querySelectorAll('textarea, [contenteditable]')) element.textContent = '';
  for (const element of [root, ...root.querySelectorAll('*')]) {
    for (const { name, value } of [...element.attributes]) {
      if (kept.has(name) && name.startsWith('data-')) {
        if (!/^[\w:./-]{0,80}$/.test(value)) element.setAttribute(name, '');
      } else if (/^(on|nonce$|value$|srcdoc$|srcset$|style$|data-)/.test(name)) {
        element.removeAttribute(name);
      } else if (/^[a-z][a-z0-9+.-]*:|[?#]/i.test(value) && /^(src|href|action|poster|cite|ping)$/.test(name)) {
        element.setAttribute(name, value.startsWith('data:') ? 'data:' : value.replace(/[?#].*$/s, ''));
      }
    }
  }
  return root.outerHTML.slice(0, limit);
}
