"""A real Milvus for tests: milvus-lite's server on this machine, which asks for a token or not."""

import base64
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager


@contextmanager
def milvus(folder, token="", port=0):
    """Yield the address of a server whose data is in `folder`; it is gone afterwards.

    port: 0 for any that is free.
    """
    import grpc
    from milvus_lite.adapter.grpc.servicer import MilvusServicer
    from milvus_lite.db import MilvusLite
    from pymilvus.grpc_gen.milvus_pb2_grpc import add_MilvusServiceServicer_to_server

    class Guard(grpc.ServerInterceptor):
        """Refuses what comes without the token, as a server with users does."""

        def intercept_service(self, continuation, details):
            sent = dict(details.invocation_metadata).get("authorization", "")
            if not token or base64.b64decode(sent).decode() == token:
                return continuation(details)

            def refuse(_, context):
                context.abort(grpc.StatusCode.UNAUTHENTICATED, "auth check failure")

            return grpc.unary_unary_rpc_method_handler(refuse)

    database = MilvusLite(str(folder))
    server = grpc.server(ThreadPoolExecutor(4), interceptors=[Guard()])
    add_MilvusServiceServicer_to_server(MilvusServicer(database), server)
    port = server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.stop(grace=None).wait()
        database.close()
