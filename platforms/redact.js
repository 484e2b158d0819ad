// The page's structure as text, without what is secret or written by people: scripts, styles, page
// data, pictures, form values, chat, addresses' queries. Works on a copy.
({ chat, limit }) => {
  const root = document.documentElement.cloneNode(true);
  const gone = `script, style, noscript, template, meta, link, base, svg, canvas, source, object, embed, ${chat}`;
  for (const element of root.querySelectorAll(gone)) element.remove();
  for (const element of root.querySelectorAll('textarea, [contenteditable]')) element.textContent = '';
  for (const element of [root, ...root.querySelectorAll('*')]) {
    for (const { name, value } of [...element.attributes]) {
      if (/^(on|nonce$|value$|srcdoc$|srcset$|style$|data-(?!participant-id|tile-media-id|is-muted|call-ended|panel-id|avatar-count|mdc-dialog-action|tid$|cid$|testid$|inp$|stream-type$|test-segment-type$|participant-count$))/.test(name)) {
        element.removeAttribute(name);
      } else if (/^[a-z][a-z0-9+.-]*:|[?#]/i.test(value) && /^(src|href|action|poster|cite|ping)$/.test(name)) {
        element.setAttribute(name, value.startsWith('data:') ? 'data:' : value.replace(/[?#].*$/s, ''));
      }
    }
  }
  return root.outerHTML.slice(0, limit);
}
