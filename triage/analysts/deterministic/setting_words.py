"""Programs' words for a setting that is missing, unknown or that they can't use."""

from __future__ import annotations

import re
from collections.abc import Mapping

#: programs' words for a setting that they can't use, the most telling first
SETTING_WORDS = (
    re.compile(
        r"(?i)(?:environment variable|env(?:ironment)? var)s?:? [\"'`]?(?P<setting>[A-Z][A-Z0-9_]+)[\"'`]?"
        r".{0,20}(?:not set|missing|required|undefined|must be|empty|invalid)"
    ),
    re.compile(
        r"(?i)(?:missing|no|unset|undefined|required|invalid)(?: required| mandatory)? "
        r"(?:environment variable|env(?:ironment)? var|setting|config(?:uration)?(?: key| value| option)?"
        r"|option)s?\b"
        r"[^A-Za-z]{0,4}(?P<setting>[A-Za-z_][\w.-]+)?"
    ),
    re.compile(
        r"(?P<setting>\b[A-Z][A-Z0-9]*_[A-Z0-9_]+) (?:is not set|must be set|is required|not configured"
        r"|is missing)"
    ),
    re.compile(r"KeyError: ['\"](?P<setting>[A-Z][A-Z0-9_]{2,})['\"]"),
    re.compile(
        r"(?i)fatal config|bad directive|config(?:uration)?(?: file)? (?:error|is invalid|invalid)"
        r"|invalid config"
        r"|(?:error|failed|unable|cannot|can't|could not)\b.{0,20}\b(?:load|pars|read|open|decod"
        r"|validat)\w*\b.{0,40}"
        r"\b(?:conf(?:ig(?:uration)?)?|settings|\.ya?ml|\.json|\.toml|\.ini|\.conf|\.properties)\b"
        r"|(?<!Container)ConfigError|ConfigurationError|ImproperlyConfigured|ConfigException"
        r"|InvalidConfiguration"
    ),
    # a command that is not there, or is none for this machine
    re.compile(
        r"(?i)exec format error|exec(?:ve)?[: ]\S+: (?:no such file|permission denied)"
        r"|executable file not found in \$PATH"
        r"|^(?:/?[\w/.-]*sh): (?:(?:line )?\d+: )?[\w./-]+: (?:not found|command not found|permission denied)"
    ),
    re.compile(
        r"(?i)unknown (?:(?:long|short|shorthand) )?(?:flag|option|argument|directive|field|configuration"
        r"|setting)"
        r"|unrecognized (?:arguments?|option|flag)"
        r"|flag provided but not defined|invalid value .{0,60}for (?:flag|option|argument|setting|variable)"
        r"|no such option|\[emerg\]|RESOURCE_DOES_NOT_EXIST|validation errors? for \w*(?:Settings|Config)"
    ),
    re.compile(
        r"(?i)\.(?:ya?ml|json|toml|ini|conf|cfg|properties)\b.{0,80}\b(?:must be|must not|is not a"
        r"|expected|is invalid|unknown key)"
    ),
    re.compile(
        r"JSONDecodeError|(?:yaml\.)?(?:scanner\.Scanner|parser\.Parser|composer\.Composer)Error"
        r"|YAMLException|TOMLDecodeError"
        r"|configparser\.\w+Error|(?i:yaml: (?:line \d+|unmarshal)"
        r"|invalid character .{1,40} (?:looking for|after|in))"
    ),
    re.compile(
        r"(?i)(?:FileNotFoundError|no such file or directory|cannot find the file)\b.{0,80}"
        r"\b(?P<setting>[\w./-]+\.(?:ya?ml|json|toml|ini|conf|cfg|properties|env))"
    ),
    re.compile(
        r"unrecognized configuration parameter \"(?P<setting>\w+)\""
        r"|Failed to bind properties under '(?P<bound>[\w.\[\]-]+)'"
        r"|Could not resolve placeholder '(?P<placeholder>[\w.-]+)'"
        r"|unexpected argument '(?P<argument>-[\w=.-]+)'|argument (?P<option>-[\w/-]+): (?:invalid|expected)"
        r"|the following arguments are required: (?P<required>.+)|unknown variable '(?P<variable>[^'=]+)"
        r"|required key (?P<key>\w+) missing value"
        r"|required flags?(?:\(s\))? \"?(?P<flag>[\w, -]+?)\"? not set"
        r"|Failed at step (?:EXEC|CHDIR|USER|NAMESPACE|EXEC) \S+ (?P<path>/\S+?):"
        r"|Failed to locate executable (?P<program>/\S+?):"
    ),
    re.compile(
        r"(?i)error unmarshal+ing \S*\.(?:ya?ml|json|toml)|configuration file \S+ contains errors"
        r"|(?:fatal )?errors?(?:\(s\))? found in config|application failed to start|unrecognized directive"
        r"|invalid environment\b|strconv\.\w+: parsing"
        r"|\.json: Unexpected"
        r"|unexpected token .{1,20} in JSON|invalid toml"
        r"|toml: (?:line|invalid|incompatible)"
        r"|unknown (?:configuration )?(?:key|property|parameter)\b|invalid (?:port|listen address"
        r"|log level|bind address)"
        r"|(?:missing|unsupported|invalid) (?:protocol scheme|port in address|url scheme)"
        r"|first path segment in URL|invalid (?:url|uri|dsn|connection string)\b|could not parse (?:url"
        r"|uri|dsn)"
        r"|no schema has been selected|additional propert(?:y|ies) .{0,40}not allowed"
        r"|unsupported config option"
        r"|mapping values are not allowed|did not find expected (?:key|node)|found (?:duplicate key"
        r"|character '\\t')"
        r"|unable to start: invalid|bad (?:option|flag|value for|parameter)\b"
        r"|nginx: configuration file .* test failed"
    ),
)
#: the line below or beside an error that names the setting: of pydantic, YAML, Spring, JSON loggers
SETTING_DETAIL = re.compile(
    r"line \d+: (?:field|unknown field|unexpected key|duplicate key|key) \"?(?P<setting>[\w.-]+)"
    r"|^\s*Property: (?P<property>\S+)|^\s*Value: (?P<value>\S+)|^(?P<field>[a-z_]\w*(?:\.\w+)*)$"
)
_KEY = re.compile(r"\"(?:key|setting|option|variable|env|param(?:eter)?|flag)\"\s*:\s*\"(?P<key>[\w.-]+)\"")
#: names of groups that hold the name of a setting
_NAMING = (
    *("setting", "variable", "bound", "placeholder", "argument", "option", "required", "key", "flag"),
    *("path", "program", "property", "field"),
)


def setting_in(texts: Mapping[str, str]) -> str:
    """The setting that a matching line names, or the empty string."""
    named = next((texts[name] for name in _NAMING if texts.get(name)), "")
    beside = _KEY.search(texts.get("text", ""))
    return named or (beside["key"] if beside else "")
