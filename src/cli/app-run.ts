// What `tally up` wants of the daemon that it runs, beyond what options say.

/** Where the app is. */
export interface AppPlace {
  /** For a person of this machine. */
  readonly url: string;
  /** The same with a token that lets one browser in. */
  readonly link: string;
  /** One more for another device, where others than this machine are answered; null: they are not. */
  readonly otherLink: string | null;
  readonly port: number;
  /** The usual port was taken by somebody else. */
  readonly isOtherPort: boolean;
}

/** Hears what becomes of the app. */
export interface AppRun {
  /** Browsers are answered from now on; the node may still be starting. */
  readonly onListening: (place: AppPlace) => void;
  /** Everything is there. */
  readonly onReady: () => void;
}

/** The file in the folder of a network that says where its app is while it runs. */
export const APP_FILE_NAME = 'app.json';

/** What stands in it. */
export interface AppFile {
  readonly pid: number;
  readonly url: string;
  /** Where programs call the node; null: nowhere. */
  readonly rpcPort: number | null;
}
