export interface DoctorFinding {
  readonly name: string;
  readonly found: string;
  readonly state: 'ok' | 'missing' | 'broken';
  readonly get?: string;
}
interface Device {
  readonly description?: string;
  readonly advice?: string;
  readonly problem?: string;
}
export function findings(options?: {
  root?: string;
  env?: NodeJS.ProcessEnv;
  device?: (root: string) => Device;
}): DoctorFinding[];
