// Reference: simdjson On-Demand over a file of JSON lines in memory, one thread. Speaks the same little protocol as the other workers: for every line on standard
// input one pass over the file, answered by "cpu_ns wall_ns events checksum matches allocated".
#include <sys/resource.h>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include "event.h"
#include "rules.h"

using namespace simdjson;

static int64_t cpu_ns() {
    rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1'000'000'000LL + (u.ru_utime.tv_usec + u.ru_stime.tv_usec) * 1'000LL;
}

static int64_t wall_ns() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

int main(int argc, char** argv) {
    if (argc < 3) {
        std::fprintf(stderr, "usage: simdjson-peer KERNEL LOG [RULES.tsv]\n");
        return 2;
    }
    const implementation* kernel = get_available_implementations()[argv[1]];
    if (!kernel || !kernel->supported_by_runtime_system()) {
        std::printf("unsupported\n");
        return 3;
    }
    get_active_implementation() = kernel;
    padded_string log;
    if (padded_string::load(argv[2]).get(log)) {
        std::fprintf(stderr, "cannot read %s\n", argv[2]);
        return 1;
    }
    std::unique_ptr<bench::rule_table> rules;
    if (argc > 3) rules = std::make_unique<bench::rule_table>(argv[3]);
    // Larger than the largest event (0.5 MB), which is what iterate_many asks for.
    constexpr size_t batch = 1 << 20;
    ondemand::parser parser;
#ifdef SIMDJSON_THREADS_ENABLED
    parser.threaded = false;
#endif
    bench::event event;
    bench::extractor extractor(event);
    std::printf("ready simdjson " SIMDJSON_VERSION " %s\n", kernel->name().c_str());
    std::fflush(stdout);
    for (char line[16]; std::fgets(line, sizeof line, stdin);) {
        const int64_t cpu = cpu_ns(), wall = wall_ns();
        int64_t events = 0, checksum = 0, matches = 0;
        ondemand::document_stream documents;
        if (parser.iterate_many(log, batch).get(documents)) return 1;
        for (auto document : documents) {
            ondemand::document_reference d;
            event.clear();
            if (std::move(document).get(d) || !extractor.read(d)) {
                std::fprintf(stderr, "broken event %lld\n", (long long)events);
                return 1;
            }
            events++;
            checksum += event.checksum;
            if (rules) matches += rules->evaluate(event);
        }
        std::printf("%lld %lld %lld %lld %lld 0\n", (long long)(cpu_ns() - cpu), (long long)(wall_ns() - wall), (long long)events, (long long)checksum, (long long)matches);
        std::fflush(stdout);
    }
    return 0;
}
