-- A tier is healthy when every one of its Applications is Synced and Healthy: the root Application waits for that
-- before it applies the next tier. Argo CD's own check asks only whether the Applications were generated.
local hs = {status = "Progressing", message = "Waiting for the ApplicationSet controller"}
if obj.status == nil then
  return hs
end

local generated = false
for _, condition in ipairs(obj.status.conditions or {}) do
  if condition.type == "ErrorOccurred" and condition.status == "True" then
    hs.status = "Degraded"
    hs.message = condition.message
    return hs
  end
  if condition.type == "ResourcesUpToDate" and condition.status == "True" then
    generated = true
  end
end
if not generated then
  hs.message = "Its Applications are being generated"
  return hs
end

-- The controller calls itself up to date before it has listed what it made, and stays so for a moment after its
-- list was changed. A list says how many there must be; a generator over git (the models) may well find none.
local expected = 0
for _, generator in ipairs(obj.spec.generators or {}) do
  if generator.list ~= nil and generator.list.elements ~= nil then
    expected = expected + #generator.list.elements
  end
end
local applications = obj.status.resources or {}
if #applications < expected then
  hs.message = "It has " .. #applications .. " of " .. expected .. " Applications"
  return hs
end

local waiting = {}
for _, application in ipairs(applications) do
  local health = application.health or {}
  if health.status == "Degraded" then
    hs.status = "Degraded"
    hs.message = application.name .. " is Degraded: " .. (health.message or "it gives no reason")
    return hs
  end
  if health.status ~= "Healthy" or application.status ~= "Synced" then
    table.insert(waiting, application.name)
  end
end
if #waiting > 0 then
  hs.message = "Waiting for " .. table.concat(waiting, ", ")
  return hs
end

hs.status = "Healthy"
hs.message = #applications .. " Applications are Synced and Healthy"
return hs
