//! The command line: flags and environment, checked before anything starts.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use pishkhan_server::access::Role;
use pishkhan_server::administration::NewMember;

mod courier;
mod documents;
mod hub;
mod orders;
mod root;
mod running;

/// The centre of Pishkhan.
#[derive(Parser)]
#[command(name = "pishkhan-server", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// Where the centre keeps what it knows.
#[derive(Args)]
struct Database {
    /// `postgres://…`, or the path of an SQLite file.
    #[arg(long, env = "PISHKHAN_DATABASE")]
    database: String,
}

#[derive(Subcommand)]
enum Command {
    /// Serve devices, officers and citizens.
    Serve {
        #[command(flatten)]
        database: Database,
        /// Address to listen on.
        #[arg(long, env = "PISHKHAN_LISTEN", default_value = "127.0.0.1:8080")]
        listen: SocketAddr,
        /// Folder for documents.
        #[arg(long, env = "PISHKHAN_DOCUMENTS")]
        documents: PathBuf,
        /// Address of the public pages as citizens reach them, printed on receipts.
        #[arg(long, env = "PISHKHAN_PUBLIC_URL", value_parser = orders::public_url)]
        public_url: String,
        /// Take the caller's address from the last entry of X-Forwarded-For.
        #[arg(long, env = "PISHKHAN_BEHIND_PROXY")]
        behind_proxy: bool,
        /// Minutes after which an idle officer must log in again.
        #[arg(long, env = "PISHKHAN_SESSION_MINUTES", default_value_t = 15,
              value_parser = clap::value_parser!(u16).range(1..=480))]
        session_minutes: u16,
        #[command(flatten)]
        tls: Option<running::TlsDoor>,
    },
    /// A whole centre in one folder, with samples, to try it out.
    Trial {
        /// Folder.
        #[arg(long, env = "PISHKHAN_TRIAL_DATA")]
        data: PathBuf,
        /// Address to listen on; port 0 takes any free one.
        #[arg(long, default_value = "127.0.0.1:8080")]
        listen: SocketAddr,
        /// Address of the public pages; by default the one listened on.
        #[arg(long, value_parser = orders::public_url)]
        public_url: Option<String>,
        /// Folder of the catalogue.
        #[arg(long, env = "PISHKHAN_CATALOGUE", default_value = "catalogue")]
        catalogue: PathBuf,
        /// Another database than the SQLite file in the folder.
        #[arg(long, env = "PISHKHAN_DATABASE")]
        database: Option<String>,
    },
    /// A mailbox of courier files for the offices of a local network, which forwards them to the
    /// centre when it has a line, and cannot read them.
    Hub(hub::HubOptions),
    /// The catalogue.
    #[command(subcommand)]
    Catalogue(CatalogueCommand),
    /// Offices.
    #[command(subcommand)]
    Office(OfficeCommand),
    /// A code with which one device of an office enrols.
    EnrolmentCode {
        #[command(flatten)]
        database: Database,
        /// Code of the office.
        office: String,
    },
    /// Officers of the agencies.
    #[command(subcommand)]
    Staff(StaffCommand),
    /// Devices.
    #[command(subcommand)]
    Device(DeviceCommand),
    /// Files that offices send by hand.
    #[command(subcommand)]
    Courier(CourierCommand),
    /// Documents that have arrived.
    #[command(subcommand)]
    Documents(DocumentsCommand),
    /// The signed roots of the days.
    #[command(subcommand)]
    Root(RootCommand),
    /// The centre itself.
    #[command(subcommand)]
    Centre(CentreCommand),
}

#[derive(Subcommand)]
enum CatalogueCommand {
    /// Publish every card of a folder that is new or changed.
    Publish {
        #[command(flatten)]
        database: Database,
        /// Folder with `services/`.
        folder: PathBuf,
    },
}

#[derive(Subcommand)]
enum OfficeCommand {
    /// Add an office, or rename it.
    Add {
        #[command(flatten)]
        database: Database,
        /// Code, for instance `zahedan-0007`.
        code: String,
        /// Name in Persian.
        title: String,
        /// District and county in Persian.
        #[arg(long, default_value = "")]
        district: String,
    },
    /// Put an office into a district, for figures and briefings.
    Place {
        #[command(flatten)]
        database: Database,
        /// Code.
        code: String,
        /// Code of the district.
        district: String,
        /// Kilometres to the centre of the district, one way.
        #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=2_000))]
        distance_km: u32,
    },
}

#[derive(Subcommand)]
enum StaffCommand {
    /// Add a member of the staff, or give a new password, which is printed once.
    Add {
        #[command(flatten)]
        database: Database,
        /// Name to log in with.
        username: String,
        /// officer, supervisor, head, administrator, auditor or governor.
        #[arg(long, default_value = "officer")]
        role: Role,
        /// Code of the agency, for the roles that are of one.
        #[arg(long, default_value = "")]
        agency: String,
        /// A governor's province; none is the whole country.
        #[arg(long, default_value = "")]
        province: String,
        /// A governor's county; none is the whole province.
        #[arg(long, default_value = "")]
        county: String,
        /// Name as colleagues see it.
        #[arg(long)]
        name: String,
    },
    /// Take a member's second factor and recovery codes away and end the sessions; a role that needs
    /// a factor sets one up when it signs in again.
    ResetFactor {
        #[command(flatten)]
        database: Database,
        /// Name to log in with.
        username: String,
    },
}

#[derive(Subcommand)]
enum DeviceCommand {
    /// Take a device's access away.
    Revoke {
        #[command(flatten)]
        database: Database,
        /// Its number.
        number: u32,
    },
}

#[derive(Subcommand)]
enum CourierCommand {
    /// Take files, and write an answer to each; exits with 2 when any was not usable as it is.
    Import {
        #[command(flatten)]
        database: Database,
        /// Folder for documents.
        #[arg(long, env = "PISHKHAN_DOCUMENTS")]
        documents: PathBuf,
        /// Files, or folders with files that end in `.courier`.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Folder for the answers.
        #[arg(long)]
        answers: PathBuf,
        /// Language of the lines.
        #[arg(long, env = "PISHKHAN_LANGUAGE", value_enum, default_value = "fa")]
        language: courier::Language,
    },
}

#[derive(Subcommand)]
enum RootCommand {
    /// Make the root of the last day that has ended, unless it is there; prints day and hash.
    Make {
        #[command(flatten)]
        database: Database,
    },
}

#[derive(Subcommand)]
enum DocumentsCommand {
    /// Read every document that has arrived, and ask the offices again for those that are missing
    /// or damaged; exits with 2 when there are any. The centre may be serving meanwhile.
    Check {
        #[command(flatten)]
        database: Database,
        /// Folder for documents.
        #[arg(long, env = "PISHKHAN_DOCUMENTS")]
        documents: PathBuf,
        /// Ask again even for more than one in ten: the folder is the right one.
        #[arg(long)]
        many: bool,
    },
}

#[derive(Subcommand)]
enum CentreCommand {
    /// Print the public key that devices pin.
    Key {
        #[command(flatten)]
        database: Database,
    },
    /// Declare that the database was restored from a backup: devices send again what it lost.
    Restored {
        #[command(flatten)]
        database: Database,
    },
}

/// Reads the command line and obeys.
pub(crate) fn run() -> anyhow::Result<ExitCode> {
    running::start_log();
    let command = Cli::parse().command;
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(obey(command))
}

async fn obey(command: Command) -> anyhow::Result<ExitCode> {
    let done = match command {
        Command::Courier(CourierCommand::Import {
            database,
            documents,
            files,
            answers,
            language,
        }) => {
            let (database, documents) = (&database.database, &documents);
            let (files, answers) = (&files, &answers);
            return courier::import(courier::Import {
                database,
                documents,
                files,
                answers,
                language,
            })
            .await;
        }
        Command::Documents(DocumentsCommand::Check { database, documents, many }) => {
            return documents::check(&database.database, &documents, many).await;
        }
        Command::Serve {
            database,
            listen,
            documents,
            public_url,
            behind_proxy,
            session_minutes,
            tls,
        } => {
            let options = running::Options { behind_proxy, session_minutes, tls };
            running::serve(&database.database, listen, &documents, public_url, options).await
        }
        Command::Trial { data, listen, public_url, catalogue, database } => {
            running::trial(&data, listen, public_url, &catalogue, database).await
        }
        Command::Hub(options) => hub::run(options).await,
        Command::Catalogue(CatalogueCommand::Publish { database, folder }) => {
            orders::publish(&database.database, &folder).await
        }
        Command::Office(OfficeCommand::Add { database, code, title, district }) => {
            orders::add_office(&database.database, &code, &title, &district).await
        }
        Command::Office(OfficeCommand::Place { database, code, district, distance_km }) => {
            orders::place_office(&database.database, &code, &district, distance_km).await
        }
        Command::EnrolmentCode { database, office } => {
            orders::enrolment_code(&database.database, &office).await
        }
        Command::Staff(StaffCommand::Add {
            database,
            username,
            role,
            agency,
            province,
            county,
            name,
        }) => {
            let member = NewMember {
                username: &username,
                display_name: &name,
                role,
                agency: &agency,
                province: &province,
                county: &county,
            };
            orders::add_member(&database.database, &member).await
        }
        Command::Staff(StaffCommand::ResetFactor { database, username }) => {
            orders::reset_factor(&database.database, &username).await
        }
        Command::Device(DeviceCommand::Revoke { database, number }) => {
            orders::revoke(&database.database, number).await
        }
        Command::Root(RootCommand::Make { database }) => root::make(&database.database).await,
        Command::Centre(CentreCommand::Key { database }) => orders::key(&database.database).await,
        Command::Centre(CentreCommand::Restored { database }) => {
            orders::restored(&database.database).await
        }
    };
    done.map(|()| ExitCode::SUCCESS)
}
