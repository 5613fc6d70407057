/** How often a property is tried: as often as usual, or as `FC_RUNS` asks where that is more. */
export const runs = (usual: number): number => Math.max(usual, Number(process.env['FC_RUNS'] ?? 0));
