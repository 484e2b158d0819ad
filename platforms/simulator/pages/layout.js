// Where tiles stand on a stage, for every client. A tile has `id`, `isSelf`, `isScreen` and `element`.

const GAP_PX = 8;

// Columns that make 16:9 tiles largest on the stage.
function bestColumns(count, width, height) {
  let best = { columns: 1, size: 0 };
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const size = Math.min((width - GAP_PX * (columns - 1)) / columns,
      ((height - GAP_PX * (rows - 1)) / rows) * (16 / 9));
    if (size > best.size) best = { columns, size };
  }
  return best.columns;
}

function place(tile, left, top, width, height) {
  Object.assign(tile.element.style, {
    left: `${Math.round(left)}px`, top: `${Math.round(top)}px`,
    width: `${Math.round(width)}px`, height: `${Math.round(height)}px`, display: "",
  });
}

function grid(tiles, box) {
  const columns = bestColumns(tiles.length, box.width, box.height);
  const rows = Math.ceil(tiles.length / columns);
  const width = (box.width - GAP_PX * (columns - 1)) / columns;
  const height = (box.height - GAP_PX * (rows - 1)) / rows;
  tiles.forEach((tile, index) => {
    const row = Math.floor(index / columns);
    const inRow = Math.min(columns, tiles.length - row * columns);
    const indent = ((columns - inRow) * (width + GAP_PX)) / 2;
    place(tile, box.left + indent + (index % columns) * (width + GAP_PX),
      box.top + row * (height + GAP_PX), width, height);
  });
}

// `layout`: tiled and auto show all, spotlight one, sidebar one and a strip of the others. A shared
// screen is that one whoever speaks, and makes a sidebar of auto.
export function arrange(stage, tiles, layout, speakerId) {
  const box = { left: 0, top: 0, width: stage.clientWidth, height: stage.clientHeight };
  const others = tiles.filter((tile) => !tile.isSelf);
  const self = tiles.find((tile) => tile.isSelf);
  self?.element.classList.toggle("nxOK4", others.length > 0);
  if (others.length === 0) {
    if (self) place(self, 0, 0, box.width, box.height);
    return;
  }
  if (self) place(self, box.width - 168, box.height - 98, 160, 90);
  const screen = others.find((tile) => tile.isScreen);
  const main = screen ?? others.find((tile) => tile.id === speakerId) ?? others[0];
  const rest = others.filter((tile) => tile !== main);
  if (layout === "spotlight") {
    place(main, 0, 0, box.width, box.height);
    for (const tile of rest) tile.element.style.display = "none";
  } else if ((layout === "sidebar" || (layout === "auto" && screen)) && rest.length > 0) {
    const strip = Math.round(box.width * 0.22);
    place(main, 0, 0, box.width - strip - GAP_PX, box.height);
    const height = Math.min((strip * 9) / 16, (box.height - GAP_PX * (rest.length - 1)) / rest.length);
    rest.forEach((tile, index) =>
      place(tile, box.width - strip, index * (height + GAP_PX), strip, height));
  } else {
    grid(others, box);
  }
}
