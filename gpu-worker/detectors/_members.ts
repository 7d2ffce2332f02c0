/** Rows of each duplicate group, ascending, by the group's smallest row. */
export function membersByGroup(group: Int32Array): Map<number, number[]> {
  const members = new Map<number, number[]>();
  group.forEach((g, row) => {
    if (g < 0) return;
    const rows = members.get(g);
    if (rows) rows.push(row);
    else members.set(g, [row]);
  });
  return members;
}
