/** What a model said about sealed rows, beside the truth, in the order of the sealed file. */
export type Outcome =
  | {
      readonly kind: "classes";
      readonly classes: readonly string[];
      readonly truth: Int32Array;
      readonly predicted: Int32Array;
      /** Row by row, one column a class; null when the model gives none. */
      readonly probabilities: Float64Array | null;
    }
  | { readonly kind: "numbers"; readonly truth: Float64Array; readonly predicted: Float64Array };
