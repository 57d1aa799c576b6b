export const HELP = `ml-intern: an autonomous machine-learning engineer that proves its numbers

  ml-intern "<task>" [options]      do a task: a trained, verified, published model comes out
  ml-intern                         asks for a task, at a terminal
  ml-intern resume [SESSION]        go on where a session stopped (the newest unfinished one)
  ml-intern sessions [SESSION]      list the sessions, or the steps of one
  ml-intern undo SESSION [--to STEP]     take a session back to before a step (the last model call)
  ml-intern fork SESSION [--from STEP]   go on from a step in a session of its own
  ml-intern export SESSION [options]       the trace of a session, without its secrets
  ml-intern share SESSION [options]        upload what is new of a trace to a private dataset
  ml-intern models                  what can think here, and why the rest cannot
  ml-intern serve [options]         Messages server, hub and session API
  ml-intern usage [options]         what the Messages server's requests used and cost
  ml-intern usage SESSION           what a session used: tokens, machine time, storage; --json for programs
  ml-intern cache [clear] [options] what the Messages server remembers of prompts, and to forget it
  ml-intern docs [add|update|search|remove WHAT]   documentation kept here: of a folder, a library, an llms.txt
  ml-intern keys create --workspace NAME   a key for the Messages server, with the lines that let it in
  ml-intern ledger verify [SESSION|FILE]   prove the chain of verified numbers
  ml-intern notify test             send a notice to every channel of intern.yaml, and say what became of it
  ml-intern doctor                  what this machine can do, and how to mend what it cannot
  ml-intern setup                   provision Python and the sandbox now
  ml-intern demo                    the handwritten digits, offline, without a key

Options of a task
  --data PATH           CSV, TSV, JSON, JSONL, Parquet, or a folder of images by class
                        (default: a file that the task names)
  --target COLUMN       the column to predict (default: what the task says)
  --model ENGINE/NAME   who thinks: recipes/default, anthropic/…, openai/…, ollama/…, hf/…
  --budget-usd N        stop before more than N dollars of model calls are spent
  --max-iterations N    model calls at most (default 300)
  --hub local|hf        where to publish: the embedded hub (default) or huggingface.co (needs HF_TOKEN)
  --sandbox MODE        auto (default), bubblewrap, unshare, or none (no protection at all)
  --yes                 do not ask; needed to publish to huggingface.co without a terminal
  --json                print the event stream, one JSON object a line
  --plain               print lines one after the other, as in a pipe, also at a terminal

Options of export and share
  --format FORMAT       export: claude-code (default), which trace viewers read, or log, our own events
  --output FILE         export: where to (default -, the standard output)
  --no-redaction        export: leave secrets where they are; needs --yes
  --repo NAME           share: the dataset, yours or OWNER/NAME (default ml-intern-sessions)
  --hub local|hf        share: the embedded hub (default) or huggingface.co (needs HF_TOKEN)
  --public              share: go on when everybody can read the dataset
  --yes                 share: do not ask before a trace leaves this machine

Options of serve
  --config FILE         who answers, who may ask, and how much (default: gateway.yaml in ML_INTERN_HOME,
                        where there is one; otherwise the engines of the environment, on loopback)
  --check               only check the configuration, and say what would be served
  --port N              Messages server and session API (default 4141)
  --hub-port N          hub (default 4142)

Options of usage
  --since, --until TIME 2026-11, 2026-11-22, 2026-11-22T10:00Z, or 7d and 12h for that long ago (UTC; default: all)
  --by GROUP            model (default), key, workspace, session or day
  --format FORMAT       table (default), csv or json
  --lines               the single requests instead of their sums; with csv or json

Options of cache
  --workspace NAME      of one workspace only
  --model ENGINE/NAME   of one model only
  --config FILE         the server's configuration, as for serve; --port N its port
  --yes                 clear without asking
  --json                for programs
  A server that is running asks for a key where it has keys: ML_INTERN_KEY, with \`admin: true\` for all workspaces.

Exit codes: 0 published or done, 1 failed, 2 bad input, 3 stopped, 4 budget spent,
            5 the machine or a service does not allow it, 130 quit
Everything is kept in ~/.ml-intern (ML_INTERN_HOME).
`;
