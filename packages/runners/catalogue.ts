import './components.generated.ts';
import './networks/weights/infer-types.ts';

// Enters all components into the catalogue: what programs load.
