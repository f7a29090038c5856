/** Every fault at the end of the form; a line jumps to its field. */
import { useLingui } from "@lingui/react";
import { useFormat } from "../../format/format";
import { sentence } from "../../i18n/sentences";
import type { FieldError, ServiceCard } from "../../ipc/generated";
import { Sign } from "../../parts/sign";
import { useFieldName } from "./field-names";
import style from "./record.module.css";

interface Props {
  errors: FieldError[];
  card: ServiceCard;
  onJump(path: string): void;
}

export function ErrorList({ errors, card, onJump }: Props) {
  const { i18n } = useLingui();
  const format = useFormat();
  const nameOf = useFieldName(card);
  if (errors.length === 0) return null;
  return (
    <div className={style.errors} data-testid="record.errors" role="alert">
      <h3>
        <Sign name="alert" /> {i18n.t("record.errors", { count: errors.length })}
      </h3>
      <ul>
        {errors.map((error) => (
          <li key={`${error.field} ${error.code}`}>
            <button
              type="button"
              data-testid={`record.errors.${error.field}`}
              data-code={error.code}
              onClick={() => onJump(error.field)}
            >
              <strong>{nameOf(error.field)}</strong>
              <span>{sentence(format.language, error.code, error.params)}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
