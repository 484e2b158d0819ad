// Puts a running number into the corner of the page: one for every thirtieth of a second, in 16
// blocks of 16x16 pixels, light for 1 and dark for 0, drawn when the page is. A page that has a
// picture for each number draws it in the same moment (`window.drawPicture`). `numbers` counts the
// numbers that were drawn, and takes the corner away.
() => {
  const BITS = 16, BLOCK_PX = 16, PER_S = 30;
  const canvas = document.createElement("canvas");
  canvas.width = BITS * BLOCK_PX;
  canvas.height = BLOCK_PX;
  Object.assign(canvas.style, { position: "fixed", left: 0, top: 0, zIndex: 2147483647 });
  document.body.append(canvas);
  const context = canvas.getContext("2d");
  let shown = -1;
  window.numbers = { drawn: 0, end: () => { canvas.remove(); delete window.numbers; } };
  (function draw() {
    if (!window.numbers) return;
    const number = Math.floor((performance.now() * PER_S) / 1000) % (1 << BITS);
    if (number !== shown) {
      window.drawPicture?.(number);
      for (let bit = 0; bit < BITS; bit += 1) {
        context.fillStyle = (number >> bit) & 1 ? "#fff" : "#000";
        context.fillRect(bit * BLOCK_PX, 0, BLOCK_PX, BLOCK_PX);
      }
      shown = number;
      window.numbers.drawn += 1;
    }
    requestAnimationFrame(draw);
  })();
}
