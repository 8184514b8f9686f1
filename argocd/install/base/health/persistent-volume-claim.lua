-- The clusters' storage binds a claim when a pod first uses it, so one that only a CronJob uses stays Pending for
-- hours with nothing wrong. A claim that can't be bound shows in the pod that waits for it.
local hs = {status = "Healthy", message = "It is bound on first use"}
local phase = obj.status ~= nil and obj.status.phase or "Pending"
if phase == "Bound" then
  hs.message = "It is bound"
elseif phase == "Lost" then
  hs.status = "Degraded"
  hs.message = "Its volume is lost"
end
return hs
