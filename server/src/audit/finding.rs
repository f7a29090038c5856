//! What an audit finds, in words: one line for each, in Persian and in English.

use std::fmt;

use pishkhan_domain::ids::{DeviceNumber, OfficeCode};

/// Something that is not as it was signed, linked or told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Table.
    pub table: &'static str,
    /// Office, where the row is one's.
    pub office: Option<OfficeCode>,
    /// Device, where the row is one's.
    pub device: Option<DeviceNumber>,
    /// Sequence, or number of the feed, the log, the publication or the act.
    pub number: Option<u64>,
    /// An id, a day, a hash, a column: whatever else names the row.
    pub subject: String,
    /// What is wrong.
    pub wrong: Wrong,
}

impl Finding {
    /// About a table.
    #[must_use]
    pub fn new(table: &'static str, wrong: Wrong) -> Self {
        Self { table, office: None, device: None, number: None, subject: String::new(), wrong }
    }

    /// Of an office.
    #[must_use]
    pub fn of(mut self, office: &OfficeCode) -> Self {
        self.office = Some(office.clone());
        self
    }

    /// Of a device.
    #[must_use]
    pub fn device(mut self, device: DeviceNumber) -> Self {
        self.device = Some(device);
        self
    }

    /// At a place.
    #[must_use]
    pub fn at(mut self, number: u64) -> Self {
        self.number = Some(number);
        self
    }

    /// About something.
    #[must_use]
    pub fn about(mut self, subject: impl Into<String>) -> Self {
        self.subject = subject.into();
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.table)?;
        if let Some(office) = &self.office {
            write!(f, " office={office}")?;
        }
        if let Some(device) = self.device {
            write!(f, " device={device}")?;
        }
        if let Some(number) = self.number {
            write!(f, " number={number}")?;
        }
        if !self.subject.is_empty() {
            write!(f, " about={}", self.subject)?;
        }
        let (persian, english) = self.wrong.words();
        write!(f, ": {persian} | {english}")
    }
}

/// Makes [`Wrong`] and its words from one list.
macro_rules! wrongs {
    ($($name:ident $fa:literal $en:literal;)*) => {
        /// What is wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Wrong { $(#[doc = $en] $name,)* }

        impl Wrong {
            /// Persian and English.
            #[must_use]
            pub fn words(self) -> (&'static str, &'static str) {
                match self { $(Self::$name => ($fa, $en),)* }
            }
        }
    };
}

wrongs! {
    Unreadable "این سطر خوانده نمی‌شود" "the row cannot be read";
    EventMissing "رویدادی که باید این‌جا باشد نیست" "the entry that should be here is missing";
    EventPlace "سرآیند از دستگاه یا شمارهٔ دیگری است" "the header is of another device or place";
    EventColumns "زمان، نوع یا شناسهٔ ستون‌ها با سرآیند نمی‌خواند"
        "time, kind or id in the columns differ from the header";
    BodyChanged "متن رویداد با اثر آن نمی‌خواند" "the body does not give its commitment";
    HashWrong "سرآیند با اثر خود نمی‌خواند" "the header does not give its hash";
    LinkBroken "دنبالهٔ رویداد پیشین نیست" "it does not follow from the entry before";
    DerivedWrong "کد رهگیری، شناسه یا آنچه روی رسید است از راز این دستگاه به دست نمی‌آید"
        "tracking code, id or printed facts do not derive from the device's secret";
    ReceivedAtChanged "زمان رسید مرکز با آنچه هنگام رسیدن پیوند خورد نمی‌خواند"
        "the time of receipt is not the one that was linked when it came";
    ReceivedBeforeAnchor "زمان رسید پیش از نشان زمانی است که خود رویداد دارد"
        "it was received before the anchor that it names";
    HeadOfDevice "سر زنجیره در سطر دستگاه با دفتر آن نمی‌خواند"
        "the device's row names another head than its log has";
    DeviceSecret "کلید و راز دستگاه از هم نیستند" "the device's key and secret do not belong together";
    DeviceNumber "شمارهٔ دستگاه از دفتر دیگری است" "the device's number is another office's";
    HeadSignature "امضای دستگاه بر سر زنجیره درست نیست"
        "the device's signature on the head does not hold";
    HeadDiffers "سر امضاشده با رویداد همان شماره نمی‌خواند"
        "the signed head differs from the entry at its place";
    HeadLink "سر امضاشده دنبالهٔ سر پیشین نیست" "the signed head does not follow from the one before";
    HeadLast "سطر دستگاه پیوند آخر دیگری دارد" "the device's row names another last link";
    Unsigned "رویدادهایی پس از آخرین امضای دستگاه است" "entries are beyond the device's last signature";
    AsideWrong "آنچه کنار گذاشته شد با اثر خود نمی‌خواند" "what was kept aside does not give its hash";
    FeedMissing "پیامی که باید این‌جا باشد نیست" "the item of the feed that should be here is missing";
    FeedLink "پیام دنبالهٔ پیام پیشین نیست" "the item does not follow from the one before";
    FeedTime "زمان سطر با زمان پیام نمی‌خواند" "the row's time differs from the item's";
    FeedEnd "سطر دفتر پایان دیگری برای پیام‌ها دارد" "the office's row names another end of its feed";
    LetterMissing "نامه‌ای که دفتر از آن باخبر شد نیست" "a letter that the office was told of is missing";
    LetterForeign "دفتر از این نامه باخبر نشده است" "the office was told of no such letter";
    LetterDiffers "نامه آن نیست که به دفتر داده شد" "the letter is not the one that the office was told";
    LetterNumber "شمارهٔ سطر با شمارهٔ نامه نمی‌خواند" "the row's number differs from the letter's";
    LetterGap "نامه‌ای با این شماره نیست" "no letter has this number";
    LetterTwice "این شماره دو بار داده شده است" "the number was given twice";
    LetterRegister "دفتر شماره‌ها پایان دیگری دارد" "the register is said to end elsewhere";
    LogMissing "سطری که باید در دفتر رویدادها باشد نیست" "the entry of the staff's log is missing";
    LogLink "سطر دنبالهٔ سطر پیشین نیست" "the entry of the staff's log does not follow from the one before";
    LogEnd "پایان دفتر رویدادها جای دیگری است" "the staff's log is said to end elsewhere";
    PublicationMissing "انتشاری که باید این‌جا باشد نیست" "the publication that should be here is missing";
    PublicationWrong "انتشار با اثر یا امضای مرکز نمی‌خواند"
        "the publication does not give its version, or is not signed by the centre";
    RootSignature "امضای ریشه درست نیست" "the root's signature does not hold";
    RootDay "ریشه از روز دیگری است" "the root is of another day";
    RootPrevious "ریشه دنبالهٔ ریشهٔ پیشین نیست" "the root does not name the one before";
    RootTree "برگ‌ها ریشه را نمی‌دهند" "the leaves do not give the root";
    RootMissing "ریشه‌ای که ساخته شد نیست" "a root that was made is missing";
    RootNotInLog "ساخت این ریشه در دفتر رویدادها نیست یا جور دیگری است"
        "the staff's log does not have this root, or has another";
    RootPublished "ریشه با آنچه منتشر شد نمی‌خواند" "the root is not the one that was published";
    CentreKey "کلید مرکز آن نیست که داده شد" "the centre's key is not the one that was given";
    LeafGone "دفتری که در ریشهٔ روز بود نیست" "a log that was in the day's root is gone";
    LeafDiffers "دفتر در آن جا آن نیست که در ریشهٔ روز بود"
        "the log is not at that place what it was in the day's root";
    LeafBack "برگ پس از برگ پیشین نیست" "the leaf goes back behind an earlier one";
    ApplicationMissing "درخواستی که ثبت شد نیست" "an application that was recorded is missing";
    ApplicationForeign "هیچ رویدادی این درخواست را ثبت نکرده است" "no entry recorded this application";
    ApplicationDiffers "این ستون با آنچه از رویدادها برمی‌آید نمی‌خواند"
        "the column is not what follows from entries and acts";
    ActMissing "کاری که شد در تاریخچه نیست" "what was done is missing from the history";
    ActForeign "این کار تاریخچه از هیچ رویداد یا پیامی نیست"
        "the act of the history comes from no entry and from nothing that the office was told";
    ActOrder "کار تاریخچه در جای خود نیست" "the act of the history is not in its place";
    ActState "این کار در آن وضعیت ممکن نبود، یا ممکن بود و اثر نکرده است"
        "the act was not possible in that state, or was and is marked not applied";
    OperatorName "نام کاربر در هیچ رویدادی نیست" "no entry gave this operator this name";
    DocumentMissing "پروندهٔ مدرک نیست" "the document's file is missing";
    DocumentChanged "پروندهٔ مدرک با نام خود نمی‌خواند" "the document's file does not give its name";
}
