/** placeholder until written below */
export async function capture(_say: (line: string) => void, _folder?: string): Promise<number> {
  return 0;
}
