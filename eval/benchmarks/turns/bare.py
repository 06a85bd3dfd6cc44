"""The yardstick: an agent server as a competent team writes it in a day, with nothing that it needs not.

`create_agent` with two read tools over the same Postgres, conversations in LangGraph's own checkpoints,
answers streamed by FastAPI. It has no row-level security, evidence, policy, audit or grounding: its login
sees everything, and what the model writes is passed on.

    python -m eval.benchmarks.turns.bare DSN MODEL_URL async|sync|exit
"""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal

import uvicorn
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from langchain.agents import create_agent
from langchain_core.messages import AIMessageChunk
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool
from pydantic import BaseModel, SecretStr

POOL = 8
"""Connections of the tools; the checkpoints have as many of their own."""
_PROMPT = (
    "You answer questions of planners and buyers at manufacturers with several plants. Look things up with"
    " the tools; never invent figures. Answer in two or three sentences."
)
_STOCK = """
select s.site, t.name, sum(s.quantity) as quantity
from erp.stock s join erp.material m on m.site = s.site and m.material_id = s.material_id
join erp.site t on t.site = s.site
where m.number = %(material)s group by s.site, t.name order by quantity desc
"""
_SUPPLIERS = """
select s.name as supplier, i.standard_price as price, i.currency, i.lead_time_days, i.minimum_order,
       i.maximum_order
from erp.info_record i join erp.material m on m.site = i.site and m.material_id = i.material_id
left join erp.supplier s on s.site = i.site and s.supplier_id = i.supplier_id
where m.number = %(material)s and i.site = %(site)s order by i.standard_price
"""
Durability = Literal["sync", "async", "exit"]
Pool = AsyncConnectionPool[AsyncConnection[DictRow]]


class Message(BaseModel):
    """A question."""

    question: str


def _pool(dsn: str, **more: Any) -> Pool:
    kwargs = {"autocommit": True, "row_factory": dict_row, "prepare_threshold": 0, **more}
    return AsyncConnectionPool(dsn, min_size=1, max_size=POOL, kwargs=kwargs, open=False)


def app(dsn: str, model_url: str, durability: Durability) -> FastAPI:
    """The server."""
    pool = _pool(dsn)

    @tool
    async def stock_by_site(material: str) -> str:
        """How much of a material is on hand at each site. Give the material's number."""
        return await rows(_STOCK, {"material": material})

    @tool
    async def suppliers(material: str, site: str) -> str:
        """The suppliers of a material at a site, with price and lead time. Give number and site code."""
        return await rows(_SUPPLIERS, {"material": material, "site": site})

    async def rows(sql: str, params: dict[str, str]) -> str:
        async with pool.connection() as connection:
            found = await (await connection.execute(sql, params)).fetchall()
        return json.dumps(found, default=str)

    @asynccontextmanager
    async def lifespan(served: FastAPI) -> AsyncIterator[None]:
        async with pool, _pool(dsn, options="-c search_path=bare") as checkpoints:
            async with pool.connection() as connection:
                await connection.execute("create schema if not exists bare")
            saver = AsyncPostgresSaver(checkpoints)
            await saver.setup()
            model = ChatOpenAI(model="plain", base_url=f"{model_url}v1", api_key=SecretStr("none"))
            served.state.agent = create_agent(
                model, [stock_by_site, suppliers], system_prompt=_PROMPT, checkpointer=saver
            )
            yield

    served = FastAPI(lifespan=lifespan)

    @served.post("/conversations/{conversation}/messages")
    async def ask(conversation: str, message: Message) -> StreamingResponse:
        async def told() -> AsyncIterator[str]:
            text = ""
            async for part, _ in served.state.agent.astream(
                {"messages": [{"role": "user", "content": message.question}]},
                {"configurable": {"thread_id": conversation}},
                stream_mode="messages",
                durability=durability,
            ):
                if isinstance(part, AIMessageChunk) and isinstance(part.content, str) and part.content:
                    text += part.content
                    yield f"event: token\ndata: {json.dumps({'text': part.content})}\n\n"
            yield f"event: answer\ndata: {json.dumps({'status': 'answered', 'answer': text})}\n\n"

        return StreamingResponse(told(), media_type="text/event-stream")

    return served


def main(dsn: str, model_url: str, durability: Durability) -> None:
    """Serve on a free port of the loopback interface, told on stderr, until ended."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app(dsn, model_url, durability), log_level="warning", access_log=False)
    print(f"bare is at http://127.0.0.1:{listening.getsockname()[1]}/", file=sys.stderr, flush=True)
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3])  # type: ignore[arg-type]
