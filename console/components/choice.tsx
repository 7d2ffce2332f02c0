import type { JSX } from "preact";
import { useRef } from "preact/hooks";

/** A select; chosen by pointer, it lets go of the focus, so that the keys mean verdicts again. */
export function Choice(
  { id, value, options, onChoose }: {
    id: string;
    value: string;
    options: readonly (readonly [string, string])[];
    onChoose: (value: string) => void;
  },
): JSX.Element {
  const isByPointer = useRef(false);
  return (
    <select
      id={id}
      value={value}
      onPointerDown={() => isByPointer.current = true}
      onKeyDown={() => isByPointer.current = false}
      onChange={(event) => {
        onChoose(event.currentTarget.value);
        if (isByPointer.current) event.currentTarget.blur();
      }}
    >
      {options.map(([option, words]) => (
        <option key={option} value={option} selected={option === value}>
          {words}
        </option>
      ))}
    </select>
  );
}
