// Divides the modules of a program into parts, so that each start loads few files and little that it does not need.

export interface PackedModule {
  /** Its size, or what it costs to load in bytes of our own code. */
  readonly bytes: number;
  /** Whether it is of a package or of Node, and so in no part. */
  readonly isForeign?: boolean;
  /** The modules that it imports statically. */
  readonly imports: readonly string[];
  /** The modules that it imports when it needs them, by `import()`. */
  readonly later: readonly string[];
}

export type ModuleGraph = ReadonlyMap<string, PackedModule>;

export interface Part {
  /** The module by whose path this part is loaded. Null: only other parts import it. */
  readonly entry: string | null;
  readonly modules: readonly string[];
}

/** Milliseconds that Node needs to find and link one more file, and to compile one more byte: measured with Node 24. */
const fileMs = 0.35;
const byteMs = 0.000_03;

/** How often a root is loaded for each time that a module is that is imported later. */
const rootWeight = 10;

/**
 * Returns the parts. `roots` are the modules that something outside loads by their path; those that are imported later are
 * loaded by their path too.
 *
 * Modules that are needed by the same loads are one part. Then parts are merged while that makes the sum of all loads
 * faster.
 */
export function partsOf(graph: ModuleGraph, roots: readonly string[]): Part[] {
  const loads = [...new Set([...roots, ...[...graph.values()].flatMap(({ later }) => later)])].toSorted();
  const loaded = new Map(loads.map((load) => [load, closureOf(graph, [load])]));
  const before = loadedBefore(graph, roots, loaded);

  const byNeed = new Map<string, { needs: Set<string>; modules: string[] }>();
  for (const module of [...graph.keys()].toSorted()) {
    if (graph.get(module)!.isForeign) continue;
    const needs = loads.filter((load) => loaded.get(load)!.has(module) && !before.get(load)!.has(module));
    if (needs.length === 0) continue;
    const key = needs.join('\n');
    const group = byNeed.get(key);
    if (group === undefined) byNeed.set(key, { needs: new Set(needs), modules: [module] });
    else group.modules.push(module);
  }

  const entries: Part[] = [];
  const shared: SharedPart[] = [];
  const share = (needs: ReadonlySet<string>, modules: readonly string[]) => shared.push({ needs, modules });
  for (const { needs, modules } of byNeed.values()) {
    const [only] = needs;
    if (needs.size > 1 || !modules.includes(only!)) share(needs, modules);
    // What one load alone needs is in the file of its entry, which exports no more than the entry does.
    else if (!areImported(graph, modules, only!)) entries.push({ entry: only!, modules });
    // Only a module that nothing imports may do something when it is loaded. It must not be loaded for the sake of others.
    else if (!isImported(graph, only!)) {
      entries.push({ entry: only!, modules: [only!] });
      share(
        needs,
        modules.filter((module) => module !== only),
      );
    } else share(needs, modules);
  }
  // The other entries are files that only export what a part has.
  for (const load of loads)
    if (!entries.some(({ entry }) => entry === load)) entries.push({ entry: load, modules: [] });
  const has = new Map(
    loads.map((load) => [load, new Set([...loaded.get(load)!, ...before.get(load)!])] as const),
  );
  const weightOf = (load: string): number => (roots.includes(load) ? rootWeight : 1);
  return [
    ...entries,
    ...merged(graph, shared, has, weightOf).map(({ modules }) => ({ entry: null, modules })),
  ];
}

const isImported = (graph: ModuleGraph, module: string): boolean =>
  [...graph.values()].some(({ imports }) => imports.includes(module));

/** Whether one of `modules` other than `entry` is imported by a module that is not among them. */
function areImported(graph: ModuleGraph, modules: readonly string[], entry: string): boolean {
  return [...graph].some(
    ([importer, { imports }]) =>
      !modules.includes(importer) && imports.some((module) => module !== entry && modules.includes(module)),
  );
}

/** Returns modules and everything that they import statically, directly or not. */
function closureOf(graph: ModuleGraph, modules: readonly string[]): Set<string> {
  const found = new Set(modules);
  for (const module of found) for (const next of graph.get(module)!.imports) found.add(next);
  return found;
}

/** Returns for each load which modules are certainly loaded before it: those that every importer has loaded. */
function loadedBefore(
  graph: ModuleGraph,
  roots: readonly string[],
  loaded: ReadonlyMap<string, ReadonlySet<string>>,
): Map<string, ReadonlySet<string>> {
  const all = new Set(graph.keys());
  const before = new Map<string, ReadonlySet<string>>(
    [...loaded.keys()].map((load) => [load, roots.includes(load) ? new Set() : all]),
  );
  const importersOf = (load: string) => [...graph].filter(([, { later }]) => later.includes(load));
  const importers = new Map(
    [...loaded.keys()].map((load) => [load, importersOf(load).map(([name]) => name)]),
  );
  // Each round can only take modules away, so this ends.
  for (let changed = true; changed; ) {
    changed = false;
    for (const load of loaded.keys()) {
      let common = before.get(load)!;
      for (const importer of importers.get(load)!)
        for (const [other, closure] of loaded)
          if (closure.has(importer)) {
            const earlier = before.get(other)!;
            common = new Set([...common].filter((module) => earlier.has(module) || closure.has(module)));
          }
      if (common.size < before.get(load)!.size) {
        before.set(load, common);
        changed = true;
      }
    }
  }
  return before;
}

interface SharedPart {
  readonly needs: ReadonlySet<string>;
  readonly modules: readonly string[];
}

/**
 * Merges, again and again, the two parts whose merger saves the most time, until none does. `has` has the modules that each
 * load needs.
 */
function merged(
  graph: ModuleGraph,
  parts: readonly SharedPart[],
  has: ReadonlyMap<string, ReadonlySet<string>>,
  weightOf: (load: string) => number,
): SharedPart[] {
  const loads = new Map([...has].map(([load, modules]) => [load, new Set(modules)]));
  const costs = new Map<SharedPart, Map<string, number>>();
  /** The time that it takes if `load` must load `part` too, with all that it imports. */
  const costOf = (part: SharedPart, load: string): number => {
    const known = costs.get(part)?.get(load);
    if (known !== undefined) return known;
    const more = [...closureOf(graph, part.modules)].filter((module) => !loads.get(load)!.has(module));
    const cost = weightOf(load) * byteMs * more.reduce((sum, module) => sum + graph.get(module)!.bytes, 0);
    if (!costs.has(part)) costs.set(part, new Map());
    costs.get(part)!.set(load, cost);
    return cost;
  };
  const savedBy = (a: SharedPart, b: SharedPart): number => {
    let saved = 0;
    for (const load of a.needs) saved += b.needs.has(load) ? weightOf(load) * fileMs : -costOf(b, load);
    for (const load of b.needs) if (!a.needs.has(load)) saved -= costOf(a, load);
    return saved;
  };

  let left = [...parts];
  while (true) {
    let best: { a: SharedPart; b: SharedPart; saved: number } | null = null;
    for (const [i, a] of left.entries())
      for (const b of left.slice(i + 1)) {
        const saved = savedBy(a, b);
        if (saved > (best?.saved ?? 0) && !isBetween(graph, left, a, b)) best = { a, b, saved };
      }
    if (best === null) return left;
    const { a, b } = best;
    const both = { needs: new Set([...a.needs, ...b.needs]), modules: [...a.modules, ...b.modules] };
    left = [...left.filter((part) => part !== a && part !== b), both];
    for (const load of both.needs) {
      for (const module of closureOf(graph, both.modules)) loads.get(load)!.add(module);
      for (const known of costs.values()) known.delete(load);
    }
  }
}

/** Whether `a` imports a third part that imports `b`, or the other way round: merged, the two would import each other. */
function isBetween(graph: ModuleGraph, parts: readonly SharedPart[], a: SharedPart, b: SharedPart): boolean {
  const partOf = new Map(parts.flatMap((part) => part.modules.map((module) => [module, part] as const)));
  const importsOf = (part: SharedPart) =>
    new Set(part.modules.flatMap((module) => graph.get(module)!.imports.map((next) => partOf.get(next))));
  const leadsTo = (from: SharedPart, to: SharedPart): boolean => {
    const found = new Set(
      [...importsOf(from)].filter((part) => part !== undefined && part !== to && part !== from),
    );
    for (const part of found)
      for (const next of importsOf(part!)) {
        if (next === to) return true;
        if (next !== undefined && next !== from) found.add(next);
      }
    return false;
  };
  return leadsTo(a, b) || leadsTo(b, a);
}
