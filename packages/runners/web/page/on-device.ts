import { App } from './app.ts';
import { element } from './elements.ts';
import { InBrowser } from './in-browser.ts';
import { BACKENDS, NAMES, type Backend } from './names.ts';

// The page of `yarn export`: the visitor's machine does the work.

if (location.protocol === 'file:') {
  document.body.dataset['state'] = 'file';
  element('message', HTMLElement).textContent =
    'Browsers do not let a page that is opened as a file read the files beside it. Serve its folder, e.g. with “python3 -m http.server” in it, and open http://localhost:8000.';
} else {
  const choice = element('backend', HTMLSelectElement);
  const automatic = choice.options[0]!;
  const restoring = new InBrowser((backend) => {
    if (choice.value === '') automatic.text = backend ? `Automatic (${NAMES[backend]})` : 'Automatic';
  });
  const app = new App(restoring);
  const wanted = new URLSearchParams(location.search).get('backend');
  if (BACKENDS.some((backend) => backend === wanted)) choice.value = wanted!;
  const use = () => restoring.use(choice.value === '' ? BACKENDS : [choice.value as Backend]);
  if (choice.value !== '') use();
  choice.addEventListener('change', () => {
    use();
    app.again();
  });
  app.start();
}
