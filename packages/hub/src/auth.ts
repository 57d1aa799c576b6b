/** Who a token stands for. */
export interface HubAccount {
  /** User name, which is also the namespace that the account may write to. */
  readonly user: string;
  readonly fullname?: string;
  readonly email?: string;
  /** Further namespaces that the account may write to. */
  readonly orgs?: readonly string[];
  /** `read` tokens are refused for everything that changes something. Default `write`. */
  readonly role?: "read" | "write";
}

/** Answers who a token stands for, or `null` for a token that is not valid. */
export type VerifyToken = (token: string) => HubAccount | null | Promise<HubAccount | null>;
