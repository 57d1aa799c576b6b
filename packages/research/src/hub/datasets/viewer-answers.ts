import { z } from "zod";

/** What the viewer says; only the fields that are used. */

export interface SplitName {
  readonly config: string;
  readonly split: string;
}

/** A configuration that the viewer has not got to, or could not read. */
export interface Trouble {
  readonly config?: string | null | undefined;
}

const trouble = z.array(z.object({ config: z.string().nullish() })).nullish();

export interface Validity {
  readonly preview: boolean;
  readonly viewer: boolean;
  readonly statistics?: boolean | undefined;
}
export const validity: z.ZodType<Validity> = z.object({
  preview: z.boolean(),
  viewer: z.boolean(),
  statistics: z.boolean().optional(),
});

export interface Splits {
  readonly splits: readonly SplitName[];
  readonly pending?: readonly Trouble[] | null | undefined;
  readonly failed?: readonly Trouble[] | null | undefined;
}
export const splits: z.ZodType<Splits> = z.object({
  splits: z.array(z.object({ config: z.string(), split: z.string() })),
  pending: trouble,
  failed: trouble,
});

export interface Sizes {
  readonly splits: readonly (SplitName & {
    readonly rows: number;
    readonly estimate: number | null;
    readonly bytes: number;
  })[];
  readonly isPartial: boolean;
}
export const sizes: z.ZodType<Sizes> = z
  .object({
    size: z
      .object({
        splits: z
          .array(
            z.object({
              config: z.string(),
              split: z.string(),
              num_rows: z.number(),
              num_bytes_parquet_files: z.number(),
              estimated_num_rows: z.number().nullish(),
            }),
          )
          .nullish(),
      })
      .nullish(),
    partial: z.boolean().nullish(),
  })
  .transform(({ size, partial }) => ({
    splits: (size?.splits ?? []).map(
      ({ config, split, num_rows, num_bytes_parquet_files, estimated_num_rows }) => ({
        config,
        split,
        rows: num_rows,
        estimate: estimated_num_rows ?? null,
        bytes: num_bytes_parquet_files,
      }),
    ),
    isPartial: partial ?? false,
  }));

export interface ParquetFiles {
  readonly files: readonly (SplitName & {
    readonly url: string;
    readonly filename: string;
    readonly size: number;
  })[];
  readonly isPartial: boolean;
}
export const parquetFiles: z.ZodType<ParquetFiles> = z
  .object({
    parquet_files: z.array(
      z.object({
        config: z.string(),
        split: z.string(),
        url: z.string(),
        filename: z.string(),
        size: z.number(),
      }),
    ),
    partial: z.boolean().nullish(),
  })
  .transform(({ parquet_files, partial }) => ({ files: parquet_files, isPartial: partial ?? false }));

export interface Info {
  readonly features: Readonly<Record<string, unknown>>;
  readonly splits: readonly { readonly split: string; readonly rows: number; readonly bytes: number }[];
  readonly licence: string | null;
  readonly isPartial: boolean;
}
export const info: z.ZodType<Info> = z
  .object({
    dataset_info: z.object({
      features: z.record(z.string(), z.unknown()).nullish(),
      license: z.string().nullish(),
      splits: z
        .record(z.string(), z.object({ name: z.string(), num_examples: z.number(), num_bytes: z.number() }))
        .nullish(),
    }),
    partial: z.boolean().nullish(),
  })
  .transform(({ dataset_info: { features, license, splits }, partial }) => ({
    features: features ?? {},
    splits: Object.values(splits ?? {}).map(({ name, num_examples, num_bytes }) => ({
      split: name,
      rows: num_examples,
      bytes: num_bytes,
    })),
    licence: license === undefined || license === "" ? null : license,
    isPartial: partial ?? false,
  }));

export interface Rows {
  readonly features: readonly { readonly name: string; readonly type: unknown }[];
  readonly rows: readonly {
    readonly row: Readonly<Record<string, unknown>>;
    readonly row_idx: number;
    readonly truncated_cells?: readonly string[] | null | undefined;
  }[];
  readonly num_rows_total?: number | null | undefined;
  readonly partial?: boolean | null | undefined;
}
export const rows: z.ZodType<Rows> = z.object({
  features: z.array(z.object({ name: z.string(), type: z.unknown() })),
  rows: z.array(
    z.object({
      row: z.record(z.string(), z.unknown()),
      row_idx: z.number(),
      truncated_cells: z.array(z.string()).nullish(),
    }),
  ),
  num_rows_total: z.number().nullish(),
  partial: z.boolean().nullish(),
});

const figure = z.union([z.number(), z.string()]).nullish();

export interface Statistics {
  readonly statistics: readonly {
    readonly column_name: string;
    readonly column_type: string;
    readonly column_statistics: {
      readonly nan_count?: number | null | undefined;
      readonly n_unique?: number | null | undefined;
      readonly min?: number | string | null | undefined;
      readonly max?: number | string | null | undefined;
      readonly mean?: number | string | null | undefined;
      readonly median?: number | string | null | undefined;
      readonly std?: number | string | null | undefined;
      readonly frequencies?: Readonly<Record<string, number>> | null | undefined;
    };
  }[];
  readonly partial?: boolean | null | undefined;
}
export const statistics: z.ZodType<Statistics> = z.object({
  statistics: z.array(
    z.object({
      column_name: z.string(),
      column_type: z.string(),
      column_statistics: z.object({
        nan_count: z.number().nullish(),
        n_unique: z.number().nullish(),
        min: figure,
        max: figure,
        mean: figure,
        median: figure,
        std: figure,
        frequencies: z.record(z.string(), z.number()).nullish(),
      }),
    }),
  ),
  partial: z.boolean().nullish(),
});
