/** Office, search, operator, lock. */
import { useLingui } from "@lingui/react";
import { type RefObject, useState } from "react";
import { Menu, Button as MenuButton, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import type { AppStatus } from "../ipc/generated";
import { Button } from "../parts/button";
import { Sign } from "../parts/sign";
import style from "./header.module.css";
import { useNavigation } from "./place";

/** From so many letters on each key searches. */
const SHORTEST = 2;

interface Props {
  status: AppStatus;
  search: RefObject<HTMLInputElement | null>;
  onLock(): void;
  onHelp(): void;
}

export function Header({ status, search, onLock, onHelp }: Props) {
  const { i18n } = useLingui();
  const { go, place } = useNavigation();
  const [query, setQuery] = useState(place.name === "search" ? place.query : "");
  return (
    <header className={style.header}>
      <div className={style.office} data-testid="frame.office">
        <strong>{i18n.t("app.name")}</strong>
        <span aria-hidden="true">·</span>
        <bdi className={style.title} title={status.office?.district_title}>
          {status.office?.title ?? ""}
        </bdi>
      </div>
      <search className={style.search}>
        <input
          ref={search}
          id="frame.search"
          data-testid="frame.search"
          type="search"
          className={style.input}
          aria-label={i18n.t("frame.search_label")}
          placeholder={i18n.t("frame.search")}
          value={query}
          onChange={(event) => {
            const typed = event.currentTarget.value;
            setQuery(typed);
            if (typed.trim().length >= SHORTEST) go({ name: "search", query: typed.trim() });
          }}
          onKeyDown={(event) => {
            if (event.key === "Escape") setQuery("");
            if ((event.key !== "Enter" && event.key !== "ArrowDown") || !query.trim()) return;
            event.preventDefault();
            // To the lines that were found, or that will be.
            event.currentTarget.blur();
            go({ name: "search", query: query.trim(), entered: event.timeStamp });
          }}
        />
        <kbd className={style.key}>Ctrl+K</kbd>
      </search>
      <MenuTrigger>
        <MenuButton className={style.menu} data-testid="frame.operator">
          {i18n.t("frame.operator", { name: status.operator?.name ?? "" })}
          <Sign name="down" />
        </MenuButton>
        <Popover className={style.popover}>
          <Menu className={style.list}>
            <MenuItem className={style.item} onAction={() => go({ name: "settings" })}>
              {i18n.t("frame.add_operator")}
            </MenuItem>
            <MenuItem className={style.item} onAction={onHelp}>
              {i18n.t("frame.shortcuts")}
            </MenuItem>
            <MenuItem className={style.item} onAction={onLock}>
              {i18n.t("frame.change_operator")}
            </MenuItem>
          </Menu>
        </Popover>
      </MenuTrigger>
      <Button hook="frame.lock" keys="Ctrl+L" onClick={onLock}>
        {i18n.t("frame.lock")}
      </Button>
      <Button hook="frame.shortcuts" kind="quiet" keys="F1" onClick={onHelp}>
        {i18n.t("frame.help")}
      </Button>
    </header>
  );
}
