// The 25 fields of an audit event that the comparison extracts, read with simdjson On-Demand in one pass over the members, in whatever order they stand.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>
#include "simdjson.h"

namespace bench {

using simdjson::ondemand::array;
using simdjson::ondemand::object;
using simdjson::ondemand::value;
using text = std::string_view;

struct event {
    text audit_id, stage, level, verb, user, impersonated, user_agent, uri, received, staged, decision, reason;
    text resource, ns, name, api_group, api_version, subresource, role_ref;
    std::vector<text> groups, extra, source_ips, images, host_paths, subjects;
    int64_t code = 0;
    bool privileged = false, host_network = false;
    int64_t checksum = 0;

    void clear() {
        audit_id = stage = level = verb = user = impersonated = user_agent = uri = received = staged = decision = reason = {};
        resource = ns = name = api_group = api_version = subresource = role_ref = {};
        groups.clear(), extra.clear(), source_ips.clear(), images.clear(), host_paths.clear(), subjects.clear();
        code = 0;
        privileged = host_network = false;
        checksum = 0;
    }
};

template <size_t N>
simdjson_inline bool is(text key, const char (&name)[N]) {
    return key.size() == N - 1 && __builtin_memcmp(key.data(), name, N - 1) == 0;
}

class extractor {
public:
    explicit extractor(event& into) : e(into) {}

    // False when the document is no JSON object.
    simdjson_inline bool read(simdjson::ondemand::document_reference document) {
        object root;
        if (document.get_object().get(root)) return false;
        for (auto member : root) {
            simdjson::ondemand::field field;
            if (std::move(member).get(field)) return false;
            const text key = field.escaped_key();
            value& v = field.value();
            switch (key.size()) {
                case 4:
                    if (is(key, "verb")) take(v, e.verb);
                    else if (is(key, "user")) read_user(v);
                    break;
                case 5:
                    if (is(key, "stage")) take(v, e.stage);
                    else if (is(key, "level")) take(v, e.level);
                    break;
                case 7:
                    if (is(key, "auditID")) take(v, e.audit_id);
                    break;
                case 9:
                    if (is(key, "userAgent")) take(v, e.user_agent);
                    else if (is(key, "sourceIPs")) take_all(v, e.source_ips);
                    else if (is(key, "objectRef")) read_object_ref(v);
                    break;
                case 10:
                    if (is(key, "requestURI")) take(v, e.uri);
                    break;
                case 11:
                    if (is(key, "annotations")) read_annotations(v);
                    break;
                case 13:
                    if (is(key, "requestObject")) read_request(v);
                    break;
                case 14:
                    if (is(key, "responseStatus")) read_status(v);
                    else if (is(key, "stageTimestamp")) take(v, e.staged);
                    break;
                case 16:
                    if (is(key, "impersonatedUser")) read_impersonated(v);
                    break;
                case 24:
                    if (is(key, "requestReceivedTimestamp")) take(v, e.received);
                    break;
            }
        }
        return true;
    }

private:
    event& e;

    simdjson_inline void take(value& v, text& into) {
        if (!v.get_string().get(into)) e.checksum += int64_t(into.size());
    }

    simdjson_inline void take_all(value& v, std::vector<text>& into) {
        array elements;
        if (v.get_array().get(elements)) return;
        for (auto element : elements) {
            text t;
            if (!element.get_string().get(t)) {
                e.checksum += int64_t(t.size());
                into.push_back(t);
            }
        }
    }

    template <typename F>
    simdjson_inline void members(value& v, F each) {
        object o;
        if (v.get_object().get(o)) return;
        for (auto member : o) {
            simdjson::ondemand::field field;
            if (std::move(member).get(field)) return;
            each(field.escaped_key(), field.value());
        }
    }

    template <typename F>
    simdjson_inline void elements(value& v, F each) {
        array a;
        if (v.get_array().get(a)) return;
        for (auto element : a) {
            value inner;
            if (std::move(element).get(inner)) return;
            each(inner);
        }
    }

    simdjson_inline void read_user(value& v) {
        members(v, [this](text key, value& m) {
            if (is(key, "username")) take(m, e.user);
            else if (is(key, "groups")) take_all(m, e.groups);
            else if (is(key, "extra")) members(m, [this](text, value& values) { take_all(values, e.extra); });
        });
    }

    simdjson_inline void read_impersonated(value& v) {
        members(v, [this](text key, value& m) {
            if (is(key, "username")) take(m, e.impersonated);
        });
    }

    simdjson_inline void read_object_ref(value& v) {
        members(v, [this](text key, value& m) {
            if (is(key, "resource")) take(m, e.resource);
            else if (is(key, "namespace")) take(m, e.ns);
            else if (is(key, "name")) take(m, e.name);
            else if (is(key, "apiGroup")) take(m, e.api_group);
            else if (is(key, "apiVersion")) take(m, e.api_version);
            else if (is(key, "subresource")) take(m, e.subresource);
        });
    }

    simdjson_inline void read_status(value& v) {
        members(v, [this](text key, value& m) {
            int64_t code;
            if (is(key, "code") && !m.get_int64().get(code)) {
                e.code = code;
                e.checksum += code;
            }
        });
    }

    simdjson_inline void read_annotations(value& v) {
        members(v, [this](text key, value& m) {
            if (is(key, "authorization.k8s.io/decision")) take(m, e.decision);
            else if (is(key, "authorization.k8s.io/reason")) take(m, e.reason);
        });
    }

    void read_request(value& v) {
        members(v, [this](text key, value& m) {
            if (is(key, "spec")) read_spec(m, true);
            else if (is(key, "roleRef")) members(m, [this](text k, value& r) { if (is(k, "name")) take(r, e.role_ref); });
            else if (is(key, "subjects")) elements(m, [this](value& subject) {
                members(subject, [this](text k, value& s) { if (is(k, "name")) take_one(s, e.subjects); });
            });
        });
    }

    void read_spec(value& v, bool may_have_template) {
        members(v, [this, may_have_template](text key, value& m) {
            if (is(key, "containers") || is(key, "initContainers")) elements(m, [this](value& c) { read_container(c); });
            else if (is(key, "hostNetwork")) take_flag(m, e.host_network);
            else if (is(key, "volumes")) elements(m, [this](value& volume) {
                members(volume, [this](text k, value& source) {
                    if (is(k, "hostPath")) members(source, [this](text p, value& path) { if (is(p, "path")) take_one(path, e.host_paths); });
                });
            });
            else if (may_have_template && is(key, "template")) members(m, [this](text k, value& spec) { if (is(k, "spec")) read_spec(spec, false); });
        });
    }

    void read_container(value& v) {
        members(v, [this](text key, value& m) {
            if (is(key, "image")) take_one(m, e.images);
            else if (is(key, "securityContext")) members(m, [this](text k, value& flag) { if (is(k, "privileged")) take_flag(flag, e.privileged); });
        });
    }

    void take_one(value& v, std::vector<text>& into) {
        text t;
        if (!v.get_string().get(t)) {
            e.checksum += int64_t(t.size());
            into.push_back(t);
        }
    }

    void take_flag(value& v, bool& into) {
        bool flag;
        if (!v.get_bool().get(flag) && flag) {
            into = true;
            e.checksum++;
        }
    }
};

}  // namespace bench
