
-- Whether a write may happen at `rev`. `asserted` is what its caller says the revision is (core/preconditions.py):
-- '' (nothing), '*' (any there is) or a JSON array of revisions.
local function allows(asserted, rev)
  if asserted == '' or asserted == '*' then
    return true
  end
  for _, one in ipairs(cjson.decode(asserted)) do
    if one == rev then
      return true
    end
  end
  return false
end
