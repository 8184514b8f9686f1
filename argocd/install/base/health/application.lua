-- An Application is healthy when what it deploys is, and is what git says. Argo CD leaves this out by default.
local hs = {status = "Progressing", message = "Waiting for Argo CD to compare it with git"}
if obj.status == nil or obj.status.health == nil or obj.status.health.status == nil then
  return hs
end
hs.status = obj.status.health.status
hs.message = obj.status.health.message or ""
local synced = obj.status.sync ~= nil and obj.status.sync.status == "Synced"
if hs.status == "Healthy" and not synced then
  hs.status = "Progressing"
  hs.message = "Waiting to be synced"
end
return hs
