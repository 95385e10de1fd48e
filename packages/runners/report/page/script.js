/* global document, ResizeObserver */
(() => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const images = read('images');
  for (const image of document.querySelectorAll('img[data-image]')) image.src = images[image.dataset.image];

  const showPoint = (svg, event) => {
    const points = JSON.parse(svg.dataset.points);
    const box = svg.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * svg.viewBox.baseVal.width;
    const nearest = points.reduce((a, b) => (Math.abs(b[2] - x) < Math.abs(a[2] - x) ? b : a));
    const [step, value, cx, cy] = nearest;
    const marker = svg.querySelector('.marker');
    marker.setAttribute('cx', cx);
    marker.setAttribute('cy', cy);
    marker.setAttribute('visibility', 'visible');
    svg.parentElement.querySelector('output').textContent = `${value} at ${step}`;
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
  const keys = read('slider-keys');
  const [choice, before, after] = ['image', 'before', 'after'].map((name) => document.getElementById(`slider-${name}`));
  const stack = divider.parentElement;

  const put = (side, label) => {
    const image = document.getElementById(`slider-${side}`);
    const key = keys[Number(choice.value)][label];
    image.src = images[key];
    image.alt = `${label} of image ${Number(choice.value) + 1}, on the ${side}`;
    image.onload = () => image.classList.toggle('pixelated', image.naturalWidth <= 192);
    stack.querySelector(`.tag.${side}`).textContent = label;
  };
  const show = () => {
    put('left', before.value);
    put('right', after.value);
  };
  const move = () => {
    stack.style.setProperty('--at', `${divider.value}%`);
    divider.setAttribute('aria-valuetext', `${divider.value} % ${before.value}, then ${after.value}`);
  };
  for (const select of [choice, before, after]) {
    select.addEventListener('change', () => {
      show();
      move();
    });
  }
  divider.addEventListener('input', move);
  divider.addEventListener('keydown', (event) => {
    const way = { n: 1, p: -1 }[event.key.toLowerCase()];
    if (!way) return;
    choice.selectedIndex = (choice.selectedIndex + way + choice.length) % choice.length;
    show();
    move();
  });
  show();
  move();
})();
