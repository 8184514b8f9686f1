-- Argo CD's own check never calls a failed InferenceService Degraded. What this one can't see either: KServe keeps
-- Ready at True, the model at Loaded and everything else as it was while a rollout to a bad image hangs, because
-- the old pods still answer. Nothing in the status tells; the Deployment does, and is watched by an alert and by
-- the hand-off that waits for its rollout. observedGeneration is the Deployment's, so it compares with nothing here.
local hs = {status = "Progressing", message = "Waiting for KServe to report"}
if obj.status == nil then
  return hs
end

local model = obj.status.modelStatus or {}
local failure = model.lastFailureInfo or {}
local ready = nil
for _, condition in ipairs(obj.status.conditions or {}) do
  if condition.type == "Stopped" and condition.status == "True" then
    hs.status = "Suspended"
    hs.message = "It is stopped by its annotation"
    return hs
  end
  if condition.type == "Ready" then
    ready = condition
  end
end

if model.transitionStatus == "BlockedByFailedLoad" or model.transitionStatus == "InvalidSpec" then
  hs.status = "Degraded"
  hs.message = model.transitionStatus .. ": " .. (failure.message or failure.reason or "KServe gives no reason")
  return hs
end
if ready == nil then
  return hs
end
if ready.status == "True" and model.transitionStatus ~= "InProgress" then
  hs.status = "Healthy"
  hs.message = "It answers"
  return hs
end
-- Ready is False from the first moment of the first rollout, so False alone is no failure
hs.message = ready.message or ready.reason or "Waiting for the predictor"
return hs
