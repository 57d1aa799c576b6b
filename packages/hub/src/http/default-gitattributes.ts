const largeFiles = [
  ..."7z arrow bin bz2 ckpt ftz gz h5 joblib lfs.* mlmodel model msgpack npy npz onnx ot parquet pb pickle pkl pt pth"
    .split(" ")
    .map((extension) => `*.${extension}`),
  ..."rar safetensors skops tar tar.* tflite tgz wasm xz zip zst gguf"
    .split(" ")
    .map((extension) => `*.${extension}`),
  "saved_model/**/*",
  "*tfevents*",
];

/** Which files a new repository keeps outside of git: the kinds that the real hub lists. */
export const defaultGitattributes: string = `${largeFiles
  .map((pattern) => `${pattern} filter=lfs diff=lfs merge=lfs -text`)
  .join("\n")}\n`;
