/* global document, getComputedStyle, ResizeObserver */
(() => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const images = read('images');
  for (const image of document.querySelectorAll('img[data-image]')) image.src = images[image.dataset.image];

  const showPoint = (svg, event) => {
    const lines = [...svg.querySelectorAll('.line')];
    const shown = lines.map((line) => getComputedStyle(line).display !== 'none');
    const points = JSON.parse(svg.dataset.points).filter(([, , , , line]) => line === undefined || shown[line]);
    if (points.length === 0) return;
    const box = svg.getBoundingClientRect();
    const scale = svg.viewBox.baseVal.width / box.width;
    const [x, y] = [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
    // Of several lines over each other the height counts too.
    const away = ([, , cx, cy, line]) => Math.abs(cx - x) + (line === undefined ? 0 : Math.abs(cy - y));
    const [step, value, cx, cy, line] = points.reduce((a, b) => (away(b) < away(a) ? b : a));
    const marker = svg.querySelector('.marker');
    marker.setAttribute('cx', cx);
    marker.setAttribute('cy', cy);
    marker.setAttribute('visibility', 'visible');
    const whose = line === undefined ? '' : `${lines[line].querySelector('title').textContent}: `;
    svg.parentElement.querySelector('output').textContent = `${whose}${value} at ${step}`;
  };
  for (const svg of document.querySelectorAll('.chart svg')) {
    svg.addEventListener('pointermove', (event) => showPoint(svg, event));
    svg.addEventListener('pointerdown', (event) => showPoint(svg, event));
  }

  for (const box of document.querySelectorAll('.scroll')) {
    const mark = () => {
      box.classList.toggle('more', box.scrollLeft + box.clientWidth < box.scrollWidth - 1);
      box.classList.toggle('past', box.scrollLeft > 0);
    };
    box.addEventListener('scroll', mark, { passive: true });
    new ResizeObserver(mark).observe(box);
    mark();
  }

  const divider = document.getElementById('slider-divider');
  if (!divider) return;
  const { labels, frames } = read('slider-keys');
  const choices = [...document.querySelectorAll('[id^=slider-choice-]')];
  const [before, after] = ['left', 'right'].map((side) => document.getElementById(`slider-of-${side}`));
  const stack = divider.parentElement;
  const labelOf = (select) => labels[Number(select.value)];

  const put = (side, label) => {
    const image = document.getElementById(`slider-${side}`);
    const [choice, ...others] = choices;
    const key = frames[choices.map(({ value }) => value).join(' ')]?.[label];
    const of = [`${label} of image ${Number(choice.value) + 1}`, ...others.map((each) => each.selectedOptions[0].text)];
    image.style.visibility = key === undefined ? 'hidden' : 'visible';
    if (key !== undefined) image.src = images[key];
    image.alt = `${of.join(', ')}, on the ${side}`;
    image.onload = () => image.classList.toggle('pixelated', image.naturalWidth <= 192);
    stack.querySelector(`.tag.${side}`).textContent = key === undefined ? `${label}: no image` : label;
  };
  const show = () => {
    put('left', labelOf(before));
    put('right', labelOf(after));
  };
  const move = () => {
    stack.style.setProperty('--at', `${divider.value}%`);
    divider.setAttribute('aria-valuetext', `${divider.value} % ${labelOf(before)}, then ${labelOf(after)}`);
  };
  for (const select of [...choices, before, after]) {
    select.addEventListener('change', () => {
      show();
      move();
    });
  }
  divider.addEventListener('input', move);
  divider.addEventListener('keydown', (event) => {
    const way = { n: 1, p: -1 }[event.key.toLowerCase()];
    if (!way) return;
    const [choice] = choices;
    choice.selectedIndex = (choice.selectedIndex + way + choice.length) % choice.length;
    show();
    move();
  });
  show();
  move();
})();
