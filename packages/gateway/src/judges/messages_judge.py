"""Python's `anthropic`, driven by lines of JSON on standard input; every line is answered by a line of JSON."""

import asyncio
import json
import sys
import time

import anthropic
from anthropic import beta_tool


def create_params(target, conversation):
    params = {
        "model": target["model"],
        "max_tokens": conversation.get("maxTokens", 4096),
        "messages": [{"role": "user", "content": conversation["prompt"]}],
    }
    if "tools" in conversation:
        params["tools"] = [
            {key: value for key, value in tool.items() if key != "result"} for tool in conversation["tools"]
        ]
    if "stopSequences" in conversation:
        params["stop_sequences"] = conversation["stopSequences"]
    if conversation.get("thinking"):
        params["thinking"] = {"type": "enabled", "budget_tokens": 1024}
    return params


def tool_results(message, conversation):
    results = {tool["name"]: tool["result"] for tool in conversation.get("tools", [])}
    return [
        {"type": "tool_result", "tool_use_id": block.id, "content": results[block.name]}
        for block in message.content
        if block.type == "tool_use"
    ]


def append_turn(params, message, conversation):
    params["messages"] += [
        {"role": "assistant", "content": message.content},
        {"role": "user", "content": tool_results(message, conversation)},
    ]


def reply(message):
    blocks = message.content
    return {
        "kind": "message",
        "thinking": "".join(block.thinking for block in blocks if block.type == "thinking"),
        "text": "".join(block.text for block in blocks if block.type == "text"),
        "calls": [
            {"id": block.id, "name": block.name, "input": block.input} for block in blocks if block.type == "tool_use"
        ],
        "stopReason": message.stop_reason,
        "stopSequence": message.stop_sequence,
        "inputTokens": message.usage.input_tokens,
        "outputTokens": message.usage.output_tokens,
    }


def failure(error, text):
    body = error.body if isinstance(error.body, dict) else {}
    detail = body.get("error") or {}
    return {
        "kind": "failure",
        "status": getattr(error, "status_code", None),
        "type": detail.get("type"),
        "message": detail.get("message", str(error)),
        "text": text,
        "class": type(error).__name__,
        "requestId": getattr(error, "request_id", None),
    }


def sync_client(target, **options):
    return anthropic.Anthropic(base_url=target["url"], api_key=target["key"], **{"max_retries": 0, **options})


def async_client(target):
    return anthropic.AsyncAnthropic(base_url=target["url"], api_key=target["key"], max_retries=0)


def converse(target, conversation, streams):
    client, params, replies = sync_client(target), create_params(target, conversation), []
    while True:
        text = ""
        try:
            if streams:
                with client.messages.stream(**params) as stream:
                    for event in stream:
                        text += event.text if event.type == "text" else ""
                    message = stream.get_final_message()
            else:
                message = client.messages.create(**params)
        except anthropic.APIError as error:
            return replies + [failure(error, text)]
        replies.append(reply(message))
        if message.stop_reason != "tool_use":
            return replies
        append_turn(params, message, conversation)


async def converse_async(target, conversation, streams):
    async with async_client(target) as client:
        return await converse_with(client, create_params(target, conversation), conversation, streams)


async def converse_with(client, params, conversation, streams):
    replies = []
    while True:
        text = ""
        try:
            if streams:
                async with client.messages.stream(**params) as stream:
                    async for event in stream:
                        text += event.text if event.type == "text" else ""
                    message = await stream.get_final_message()
            else:
                message = await client.messages.create(**params)
        except anthropic.APIError as error:
            return replies + [failure(error, text)]
        replies.append(reply(message))
        if message.stop_reason != "tool_use":
            return replies
        append_turn(params, message, conversation)


def leave(target, conversation):
    with sync_client(target).messages.stream(**create_params(target, conversation)) as stream:
        for event in stream:
            if event.type == "content_block_delta":
                break


async def leave_async(target, conversation):
    async with async_client(target) as client:
        async with client.messages.stream(**create_params(target, conversation)) as stream:
            async for event in stream:
                if event.type == "content_block_delta":
                    break


def count_tokens(target, conversation):
    params = create_params(target, conversation)
    del params["max_tokens"]
    return sync_client(target).messages.count_tokens(**params).input_tokens


def run_tools(target, streams):
    """The beta tool runner, with a tool that is an annotated function."""
    cities = []

    @beta_tool
    def get_weather(city: str) -> str:
        """Says what the weather is like.

        Args:
            city: Where.
        """
        cities.append(city)
        return "18 degrees"

    runner = sync_client(target).beta.messages.tool_runner(
        model=target["model"],
        max_tokens=1000,
        tools=[get_weather],
        messages=[{"role": "user", "content": "How is the weather in Paris?"}],
        stream=streams,
    )
    message = None
    for turn in runner:
        message = turn.get_final_message() if streams else turn
    return {"cities": cities, "reply": reply(message)}


def events(target, conversation):
    """What the streaming helper says, in order, and the snapshots that it keeps."""
    seen = []
    with sync_client(target).messages.stream(**create_params(target, conversation)) as stream:
        for event in stream:
            if event.type == "input_json":
                seen.append([event.type, event.snapshot])
            elif event.type in ("text", "thinking"):
                seen.append([event.type, event.snapshot])
            elif event.type == "signature":
                seen.append([event.type, event.signature])
            elif event.type == "content_block_stop":
                seen.append([event.type, event.content_block.type])
            elif event.type == "message_stop":
                seen.append([event.type, event.message.stop_reason])
        return {"seen": seen, "requestId": stream.request_id}


def list_models(target, limit):
    client = sync_client(target)
    ids = [model.id for model in client.models.list(limit=limit)]
    return {"ids": ids, "first": client.models.retrieve(ids[0]).display_name}


def run_batch(target):
    """Two requests that succeed and one that breaks a rule, from their creation to the end of the batch."""
    batches = sync_client(target).messages.batches

    def request(name, content):
        messages = [{"role": "user", "content": content}]
        return {"custom_id": name, "params": {"model": target["model"], "max_tokens": 10, "messages": messages}}

    batch = batches.create(requests=[request("first", "a"), request("second", "b"), request("broken", [])])
    while batch.processing_status != "ended":
        time.sleep(0.02)
        batch = batches.retrieve(batch.id)
    results = {
        line.custom_id: line.result.message.content[0].text
        if line.result.type == "succeeded"
        else line.result.error.error.type
        for line in batches.results(batch.id)
    }
    return {
        "results": results,
        "counts": batch.request_counts.to_dict(),
        "listed": batch.id in [each.id for each in batches.list(limit=1)],
        "deleted": batches.delete(batch.id).type,
    }


def ask_with_retries(target, conversation):
    message = sync_client(target, max_retries=2).messages.create(**create_params(target, conversation))
    return {"reply": reply(message), "requestId": message._request_id}


OPERATIONS = {
    "converse": lambda asked: converse(asked["target"], asked["conversation"], asked["streams"]),
    "converse_async": lambda asked: asyncio.run(
        converse_async(asked["target"], asked["conversation"], asked["streams"])
    ),
    "leave": lambda asked: leave(asked["target"], asked["conversation"]),
    "leave_async": lambda asked: asyncio.run(leave_async(asked["target"], asked["conversation"])),
    "count_tokens": lambda asked: count_tokens(asked["target"], asked["conversation"]),
    "run_tools": lambda asked: run_tools(asked["target"], asked["streams"]),
    "events": lambda asked: events(asked["target"], asked["conversation"]),
    "list_models": lambda asked: list_models(asked["target"], asked["limit"]),
    "run_batch": lambda asked: run_batch(asked["target"]),
    "ask_with_retries": lambda asked: ask_with_retries(asked["target"], asked["conversation"]),
}


for line in sys.stdin:
    asked = json.loads(line)
    try:
        answer = {"value": OPERATIONS[asked["operation"]](asked)}
    except Exception as error:  # The test reports it; the next question is answered all the same.
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
