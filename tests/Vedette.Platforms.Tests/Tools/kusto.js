// Reads {name: text} from standard input; prints what Microsoft's parser says of each query, or nothing.
require('@kusto/language-service-next/bridge.min.js');
require('@kusto/language-service-next');
const texts = JSON.parse(require('fs').readFileSync(0, 'utf8'));
for (const [name, text] of Object.entries(texts)) {
    const diagnostics = Bridge.getEnumerator(Kusto.Language.KustoCode.Parse(text).GetDiagnostics());
    while (diagnostics.moveNext()) {
        console.log(`${name}: ${diagnostics.Current.Message}`);
    }
}
