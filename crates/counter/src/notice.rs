//! Messages of the centre to the office.

use pishkhan_ipc::application::{NoticeReadRequest, OfficeNotice};
use pishkhan_ipc::error::IpcError;

use crate::counter::Counter;

impl Counter {
    /// `notice_list`, newest first.
    ///
    /// # Errors
    /// `session.locked`.
    pub fn notice_list(&self) -> Result<Vec<OfficeNotice>, IpcError> {
        self.at_desk(|desk| {
            let notices = desk.store.notices()?.into_iter();
            Ok(notices
                .map(|notice| OfficeNotice {
                    number: notice.number,
                    title: notice.title,
                    text: notice.text,
                    at: notice.at,
                    read: notice.read,
                })
                .collect())
        })
    }

    /// `notice_read`.
    ///
    /// # Errors
    /// `session.locked`; `internal.failed` for a number that never came down.
    pub fn notice_read(&self, request: &NoticeReadRequest) -> Result<(), IpcError> {
        self.at_desk(|desk| Ok(desk.store.mark_notice_read(request.number, desk.now_ms)?))
    }
}
