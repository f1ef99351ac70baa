import asyncio, httpx, pytest, socket
from support.voices import speaking
from support.edge.every_rpc import character_world
from support.rest import bearer, mint
from conjure.settings import ServerSettings

async def test_x(stack, app, tmp_path):
    async with speaking(tmp_path, stack.store_url, ServerSettings(drain_pause_s=0.0, drain_s=0.2, stream_write_s=0.7)) as s, httpx.AsyncClient(base_url=f"http://127.0.0.1:{s.rest_port}",trust_env=False,timeout=20) as rest:
        a=await rest.post("/v1/worlds",json={"world":character_world()},headers=bearer(app.secret))
        wid=a.json()["worldId"]
        tok=(await mint(rest,app.secret,wid))["token"]
        sp=s.voice.speeches["hello"]
        sp.says(*[b"x"*60000]*400)
        sk=socket.socket(); sk.setsockopt(socket.SOL_SOCKET,socket.SO_RCVBUF,4096); sk.setblocking(False)
        loop=asyncio.get_running_loop()
        await loop.sock_connect(sk,("127.0.0.1",s.rest_port))
        body=b'{"text":"hello"}'
        await loop.sock_sendall(sk,f"POST /v1/characters/{wid}/tts HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {tok}\r\ncontent-length: {len(body)}\r\n\r\n".encode()+body)
        await asyncio.wait_for(sp.left.wait(),20)
        print("LEFT", sp.taken)
        print(s.server._in_flight.count)
        await asyncio.sleep(2.5)
        print(s.server._in_flight.count)
        got=b""
        while True:
            try:
                d=await asyncio.wait_for(loop.sock_recv(sk,65536),5)
            except Exception as e:
                print("ERR",repr(e)); break
            if not d: print("EOF"); break
            got+=d
        print(len(got), got[-20:])
    with open(tmp_path/"access.log") as f: print(f.read()[-900:])
    assert 0
