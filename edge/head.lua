-- Answers HEAD: the server renders a GET's answer, whose headers go out and whose body does not. On HTTP/1.1 its
-- bytes would be read as the next answer. Routes of HEAD turn it on; answers pass it after status.lua.

function envoy_on_response(handle)
  -- Headers go on before the first piece, so the end of a stream is not waited for.
  for piece in handle:bodyChunks() do
    piece:setBytes("")
  end
end
