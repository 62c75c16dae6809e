// Rules of a table (one a line, predicates "field op v1,v2" between tabs), found by hash dispatch on verb and resource.
#pragma once
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>
#include "event.h"

namespace bench {

// Short names: first and last eight bytes and the length, multiplied. Cheaper than std::hash and without collisions worth speaking of here.
struct hash_text {
    using is_transparent = void;
    size_t operator()(text t) const {
        uint64_t first = 0, last = 0;
        if (t.size() >= 8) {
            std::memcpy(&first, t.data(), 8);
            std::memcpy(&last, t.data() + t.size() - 8, 8);
        } else {
            for (char c : t) first = first << 8 | uint8_t(c);
        }
        uint64_t h = (first ^ (last * 0x9E3779B97F4A7C15ull) ^ t.size()) * 0xD6E8FEB86659FD93ull;
        return h ^ h >> 32;
    }
};

// Names to places from 1 on; open addressing, 0 for what is not there.
class name_table {
public:
    void add(const std::string& name, uint32_t place) {
        if ((count + 1) * 4 > slots.size()) grow();
        put({name, place});
        count++;
    }

    uint32_t find(text t) const {
        if (slots.empty()) return 0;
        for (size_t i = hash_text{}(t) & (slots.size() - 1);; i = (i + 1) & (slots.size() - 1)) {
            if (!slots[i].second) return 0;
            if (slots[i].first == t) return slots[i].second;
        }
    }

private:
    std::vector<std::pair<std::string, uint32_t>> slots;
    size_t count = 0;

    void put(std::pair<std::string, uint32_t> entry) {
        size_t i = hash_text{}(entry.first) & (slots.size() - 1);
        while (slots[i].second) i = (i + 1) & (slots.size() - 1);
        slots[i] = std::move(entry);
    }

    void grow() {
        auto old = std::move(slots);
        slots = decltype(slots)(old.empty() ? 16 : old.size() * 2);
        for (auto& entry : old) if (entry.second) put(std::move(entry));
    }
};

enum class op { in, not_in, prefix, not_prefix, contains, any };
enum class field_id { verb, resource, subresource, ns, name, user, impersonated, agent, uri, role_ref, group, image, host_path, code, privileged, host_network };

struct predicate {
    field_id field;
    op kind;
    std::vector<std::string> values = {};
    name_table set = {};  // for longer lists
    bool use_set = false;
    std::vector<int64_t> codes = {};

    bool holds(const event& e) const {
        switch (field) {
            case field_id::code:
                for (int64_t c : codes) if (c == e.code) return true;
                return false;
            case field_id::privileged: return e.privileged;
            case field_id::host_network: return e.host_network;
            case field_id::group: return some(e.groups);
            case field_id::image: return some(e.images);
            case field_id::host_path: return some(e.host_paths);
            default: return one(single(e));
        }
    }

private:
    text single(const event& e) const {
        switch (field) {
            case field_id::verb: return e.verb;
            case field_id::resource: return e.resource;
            case field_id::subresource: return e.subresource;
            case field_id::ns: return e.ns;
            case field_id::name: return e.name;
            case field_id::user: return e.user;
            case field_id::impersonated: return e.impersonated;
            case field_id::agent: return e.user_agent;
            case field_id::uri: return e.uri;
            default: return e.role_ref;
        }
    }

    bool equals_some(text t) const {
        if (use_set) return set.find(t) != 0;
        for (const auto& v : values) if (t == v) return true;
        return false;
    }

    bool starts_with_some(text t) const {
        for (const auto& v : values) if (t.starts_with(v)) return true;
        return false;
    }

    bool one(text t) const {
        switch (kind) {
            case op::in: return equals_some(t);
            case op::not_in: return !equals_some(t);
            case op::prefix: return starts_with_some(t);
            case op::not_prefix: return !starts_with_some(t);
            case op::any: return !t.empty();
            default:
                for (const auto& v : values) if (t.find(v) != text::npos) return true;
                return false;
        }
    }

    bool some(const std::vector<text>& texts) const {
        for (text t : texts) if (one(t)) return true;
        return false;
    }
};

class rule_table {
public:
    explicit rule_table(const char* path) {
        std::ifstream file(path);
        if (!file) throw std::runtime_error(std::string("cannot read ") + path);
        for (std::string line; std::getline(file, line);) {
            if (!line.empty()) rules.push_back(parse(line));
        }
        build();
    }

    // Sum over rules of (place + 1) times matches: equal only when every rule matched as often.
    int64_t evaluate(const event& e) {
        int64_t sum = 0;
        for (uint32_t index : buckets[verbs.find(e.verb) * width + resources.find(e.resource)]) {
            bool all = true;
            for (const auto& p : rules[index]) {
                if (!p.holds(e)) { all = false; break; }
            }
            if (all) sum += index + 1;
        }
        return sum;
    }

private:
    using rule = std::vector<predicate>;
    std::vector<rule> rules;  // what the dispatch has answered is taken out of them
    name_table verbs, resources;
    size_t width = 1;
    std::vector<std::vector<uint32_t>> buckets;

    static rule parse(const std::string& line) {
        static const std::unordered_map<std::string, field_id> fields = {
            {"verb", field_id::verb}, {"resource", field_id::resource}, {"subresource", field_id::subresource}, {"ns", field_id::ns}, {"name", field_id::name},
            {"user", field_id::user}, {"impersonated", field_id::impersonated}, {"ua", field_id::agent}, {"uri", field_id::uri}, {"roleRef", field_id::role_ref},
            {"group", field_id::group}, {"image", field_id::image}, {"hostPath", field_id::host_path}, {"code", field_id::code},
            {"privileged", field_id::privileged}, {"hostNetwork", field_id::host_network}};
        static const std::unordered_map<std::string, op> ops = {{"in", op::in}, {"notin", op::not_in}, {"prefix", op::prefix},
            {"notprefix", op::not_prefix}, {"contains", op::contains}, {"any", op::any}};
        rule out;
        std::stringstream parts(line);
        for (std::string part; std::getline(parts, part, '\t');) {
            const size_t a = part.find(' '), b = part.find(' ', a + 1);
            predicate p{fields.at(part.substr(0, a)), ops.at(part.substr(a + 1, b - a - 1))};
            std::stringstream values(b == std::string::npos ? "" : part.substr(b + 1));
            for (std::string v; std::getline(values, v, ',');) p.values.push_back(v);
            if (p.field == field_id::code) for (const auto& v : p.values) p.codes.push_back(std::stoll(v));
            if ((p.use_set = p.values.size() > 4)) {
                for (const auto& v : p.values) if (!p.set.find(v)) p.set.add(v, 1);
            }
            out.push_back(std::move(p));
        }
        return out;
    }

    static const predicate* find(const rule& r, field_id field) {
        for (const auto& p : r) if (p.field == field && p.kind == op::in) return &p;
        return nullptr;
    }

    static bool passes(const predicate* p, const std::string* name) {
        if (!p) return true;
        if (!name) return false;
        for (const auto& v : p->values) if (v == *name) return true;
        return false;
    }

    static std::vector<std::string> names(const std::vector<rule>& rules, field_id field, name_table& into) {
        std::vector<std::string> list;
        for (const auto& r : rules) {
            if (const predicate* p = find(r, field)) {
                for (const auto& v : p->values) {
                    if (into.find(v)) continue;
                    list.push_back(v);
                    into.add(v, uint32_t(list.size()));
                }
            }
        }
        return list;
    }

    void build() {
        const auto verb_names = names(rules, field_id::verb, verbs), resource_names = names(rules, field_id::resource, resources);
        width = resource_names.size() + 1;
        buckets.resize((verb_names.size() + 1) * width);
        for (size_t v = 0; v <= verb_names.size(); v++) {
            for (size_t r = 0; r <= resource_names.size(); r++) {
                for (uint32_t i = 0; i < rules.size(); i++) {
                    if (passes(find(rules[i], field_id::verb), v ? &verb_names[v - 1] : nullptr)
                        && passes(find(rules[i], field_id::resource), r ? &resource_names[r - 1] : nullptr)) {
                        buckets[v * width + r].push_back(i);
                    }
                }
            }
        }
        for (auto& r : rules) {
            bool verb_done = false, resource_done = false;
            std::erase_if(r, [&](const predicate& p) {
                if (p.kind != op::in) return false;
                if (p.field == field_id::verb && !verb_done) return verb_done = true;
                if (p.field == field_id::resource && !resource_done) return resource_done = true;
                return false;
            });
        }
    }
};

}  // namespace bench
