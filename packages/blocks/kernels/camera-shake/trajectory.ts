import type { Stream } from '@dualprior/core';

/** A point of the sensor's path across the image, with the share of the exposure spent there. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

const STEPS = 250;

type Vector = [number, number, number];

/**
 * Path of a camera during one exposure, seen on the sensor: a random walk of velocity, turned by a random walk of the
 * camera's rotation, at equal times (Schmidt et al., "Cascades of Regression Tree Fields for Image Restoration", 2015,
 * supplement). Units are arbitrary: kernels scale it.
 */
export function cameraTrajectory(stream: Stream): Point[] {
  const dr = (2 * Math.PI) / STEPS;
  const normal = (): Vector => [stream.normal(), stream.normal(), stream.normal()];
  let position: Vector = [0, 0, 0];
  let velocity = normal();
  let rotation: Vector = [0, 0, 0];
  const points: Point[] = [{ x: 0, y: 0 }];
  for (let t = 1; t < STEPS; t++) {
    const torque = add(scale(normal(), 1 / (t + 1)), rotation);
    const force = scale(normal(), 1 / (t + 1));
    rotation = add(rotation, scale(torque, dr));
    velocity = add(velocity, force);
    position = add(position, rotate(velocity, rotation));
    points.push({ x: position[0], y: position[1] });
  }
  return points;
}

function add(a: Vector, b: Vector): Vector {
  return [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
}

function scale(a: Vector, factor: number): Vector {
  return [a[0] * factor, a[1] * factor, a[2] * factor];
}

/** Rz Ry Rx v for the angles (x, y, z). */
function rotate([x, y, z]: Vector, [rx, ry, rz]: Vector): Vector {
  const [y1, z1] = [y * Math.cos(rx) - z * Math.sin(rx), y * Math.sin(rx) + z * Math.cos(rx)];
  const [x2, z2] = [x * Math.cos(ry) + z1 * Math.sin(ry), z1 * Math.cos(ry) - x * Math.sin(ry)];
  return [x2 * Math.cos(rz) - y1 * Math.sin(rz), x2 * Math.sin(rz) + y1 * Math.cos(rz), z2];
}
