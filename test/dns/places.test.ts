// How many questions are under way at once, and who goes first.

import { expect, test } from 'vitest';
import {
  createPlaces,
  type Place,
  type PlacesOptions,
  type Priority,
  unlimitedPlaces,
} from '../../src/dns/places.ts';
import { manualTimers } from './manual-timers.ts';

function queue(options: PlacesOptions) {
  const timers = manualTimers();
  const places = createPlaces(options, timers);
  const started: string[] = [];
  const held = new Map<string, Place>();
  const take = (name: string, priority: Priority = 'form', until = Number.POSITIVE_INFINITY) =>
    places.take(priority, until, (place) => {
      started.push(name);
      held.set(name, place);
    });
  const release = (name: string) => held.get(name)!.release();
  return { timers, places, started, held, take, release };
}

test('work starts at once if a place is free, and a place is returned in the same turn', () => {
  const { started, take, release } = queue({ max: 2 });
  for (const name of ['one', 'two', 'three', 'four']) take(name);
  expect(started).toEqual(['one', 'two']);
  release('two');
  expect(started).toEqual(['one', 'two', 'three']);
  release('one');
  release('three');
  expect(started).toEqual(['one', 'two', 'three', 'four']);
});

test('giving a place back twice gives it back once', () => {
  const { started, take, release } = queue({ max: 1 });
  for (const name of ['one', 'two', 'three']) take(name);
  release('one');
  release('one');
  expect(started).toEqual(['one', 'two']);
});

test('forms go before batches, batches before jobs', () => {
  const { started, take, release } = queue({ max: 1 });
  take('first', 'job');
  take('job', 'job');
  take('batch', 'batch');
  take('form', 'form');
  for (const name of ['first', 'form', 'batch']) release(name);
  expect(started).toEqual(['first', 'form', 'batch', 'job']);
});

test('batches and jobs leave places free for those before them', () => {
  const { started, take, places, release } = queue({ max: 4, kept: { fromBatches: 1, fromJobs: 2 } });
  for (const name of ['j1', 'j2', 'j3']) take(name, 'job');
  expect(started).toEqual(['j1', 'j2']);
  expect(places.tryTake('job')).toBeNull();
  for (const name of ['b1', 'b2']) take(name, 'batch');
  expect(started).toEqual(['j1', 'j2', 'b1']);
  expect(places.tryTake('batch')).toBeNull();
  for (const name of ['f1', 'f2']) take(name);
  expect(started).toEqual(['j1', 'j2', 'b1', 'f1']);
  expect(places.tryTake('form')).toBeNull();
  release('j1');
  expect(started.at(-1)).toBe('f2');
  release('f1');
  // Three are under way, which is as many as batches may share.
  expect(started.at(-1)).toBe('f2');
  release('f2');
  expect(started.at(-1)).toBe('b2');
});

test('a place that is free can be taken without waiting', () => {
  const { places, started, take } = queue({ max: 1 });
  const place = places.tryTake('form')!;
  take('one');
  expect(started).toEqual([]);
  place.release();
  expect(started).toEqual(['one']);
});

test('work that leaves the queue does not start', () => {
  const { started, take, release } = queue({ max: 1 });
  take('one');
  take('two').leave();
  take('three');
  release('one');
  expect(started).toEqual(['one', 'three']);
});

test('work past its deadline is skipped', () => {
  const { timers, started, take, release } = queue({ max: 1 });
  take('one');
  take('two', 'form', timers.now() + 100);
  take('three', 'form', timers.now() + 101);
  timers.advance(100);
  release('one');
  expect(started).toEqual(['one', 'three']);
});

test('a job that a form waits for goes with the forms', () => {
  const { started, take, release } = queue({ max: 2, kept: { fromBatches: 1, fromJobs: 1 } });
  take('one', 'job');
  const promoted = take('two', 'job');
  take('three', 'job');
  promoted.promote('form');
  expect(started).toEqual(['one', 'two']);
  promoted.promote('form');
  release('one');
  expect(started).toEqual(['one', 'two']);
  release('two');
  expect(started).toEqual(['one', 'two', 'three']);
});

test('raising the priority never moves waiting work back', () => {
  const { started, take, release } = queue({ max: 1 });
  take('first');
  const form = take('form', 'form');
  take('batch', 'batch');
  form.promote('job');
  release('first');
  expect(started).toEqual(['first', 'form']);
});

test('what nobody waits for moves to the background, as long as there is room', () => {
  const { started, held, take, release } = queue({ max: 1, background: 1 });
  for (const name of ['one', 'two', 'three', 'four']) take(name);
  expect(held.get('one')!.abandon()).toBe(true);
  expect(started).toEqual(['one', 'two']);
  expect(held.get('one')!.abandon()).toBe(true);
  expect(held.get('two')!.abandon()).toBe(false);
  expect(started).toEqual(['one', 'two']);
  release('one');
  expect(started).toEqual(['one', 'two']);
  expect(held.get('two')!.abandon()).toBe(true);
  expect(started).toEqual(['one', 'two', 'three']);
  release('three');
  expect(held.get('three')!.abandon()).toBe(false);
});

test('without a limit everything starts', () => {
  const started: Place[] = [];
  for (let count = 0; count < 3; count++)
    unlimitedPlaces.take('job', 0, (place) => started.push(place)).leave();
  expect(started).toHaveLength(3);
  expect(started[0]!.abandon()).toBe(true);
  expect(unlimitedPlaces.tryTake('job')).not.toBeNull();
});
