/** A dialog over the page: Escape closes it, the focus returns to where it was. */
import type { ReactNode } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import style from "./sheet.module.css";

interface Props {
  title: string;
  hook?: string;
  open: boolean;
  onClose(): void;
  side?: boolean;
  children: ReactNode;
}

export function Sheet({ title, hook, open, onClose, side, children }: Props) {
  return (
    <ModalOverlay
      className={style.overlay}
      isOpen={open}
      onOpenChange={(is) => !is && onClose()}
      isDismissable
    >
      <Modal className={side ? `${style.modal} ${style.side}` : style.modal}>
        <Dialog className={style.dialog}>
          <div data-testid={hook} className={style.body}>
            <Heading slot="title" className={style.title}>
              {title}
            </Heading>
            {children}
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
