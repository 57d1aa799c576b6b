import type { Contract } from "./lab-types.ts";

export interface Candidate {
  /** As `train.py --family` calls it. */
  readonly family: string;
  readonly title: string;
  readonly why: string;
}

const LINEAR: Candidate = {
  family: "linear",
  title: "linear model",
  why: "it is the simplest model that can beat a constant guess, so everything else is measured against it",
};
const NAIVE_BAYES: Candidate = {
  family: "naive_bayes",
  title: "complement naive Bayes",
  why: "it needs few texts and fits in no time",
};
const LINEAR_SVM: Candidate = {
  family: "linear_svm",
  title: "linear support vector machine",
  why: "it is strong on sparse word features",
};
const SVM: Candidate = {
  family: "svm",
  title: "support vector machine",
  why: "smooth boundaries do well on small numeric data",
};
const FOREST: Candidate = {
  family: "forest",
  title: "forest of trees",
  why: "it takes thresholds, categories and interactions as they come",
};
const BOOSTING: Candidate = {
  family: "boosting",
  title: "gradient boosting",
  why: "it is usually the strongest on tables",
};
const MLP: Candidate = {
  family: "mlp",
  title: "neural network",
  why: "it learns its own combinations of the features",
};
const KNN: Candidate = {
  family: "knn",
  title: "nearest neighbours",
  why: "similar pictures mostly show the same thing; it comes last because the model keeps the training rows",
};

const SVM_ROWS = 6_000;
const SVM_CLASSES = 30;
const MLP_ROWS = 20_000;
const PIXEL_COLUMNS = 49;

/** The model families worth a run under this contract, the simplest first: the first one is the baseline. */
export function chooseCandidates(contract: Contract): readonly Candidate[] {
  const { input_kind, task_type, feature_count, classes, split } = contract;
  if (input_kind === "text") return [LINEAR, NAIVE_BAYES, LINEAR_SVM];
  const rows = split.train;
  const classCount = classes?.length ?? 0;
  const pictures = input_kind === "image" || looksLikePixels(contract);
  const wide = !pictures && feature_count > rows;
  const chosen = [LINEAR];
  if (rows <= SVM_ROWS && classCount <= SVM_CLASSES) chosen.push(SVM);
  chosen.push(FOREST);
  // A tree for each class and round is slow, and pixels are the tables on which boosting has no advantage.
  if (!wide && !(pictures && classCount > 2)) chosen.push(BOOSTING);
  if (!wide && rows <= MLP_ROWS) chosen.push(MLP);
  if (pictures && task_type === "classification") chosen.push(KNN);
  return chosen;
}

function looksLikePixels({ features, task_type }: Contract): boolean {
  return (
    task_type === "classification" &&
    features.length >= PIXEL_COLUMNS &&
    features.every(({ kind }) => kind === "number")
  );
}

const LEAST_SEARCH_SECONDS = 2;
const MOST_SEARCH_SECONDS = 25;
const CELLS_PER_SECOND = 100_000;
const TERMS_OR_PIXELS = 300;

/** Seconds that one family may search: more for more data, never more than a sixth of a run's limit. */
export function searchSeconds({ data, split, feature_count, input_kind, budget }: Contract): number {
  const width = input_kind === "text" || data.kind === "images" ? TERMS_OR_PIXELS : feature_count;
  const wanted = LEAST_SEARCH_SECONDS + (split.train * width) / CELLS_PER_SECOND;
  return Math.max(1, Math.round(Math.min(wanted, MOST_SEARCH_SECONDS, budget.run_seconds / 6)));
}
