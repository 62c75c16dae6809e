// Reads {name: text} from standard input; prints what HashiCorp's parser says of each text of Terraform, or nothing.
const { parse } = require('@cdktf/hcl2json');
const texts = JSON.parse(require('fs').readFileSync(0, 'utf8'));
(async () => {
    for (const [name, text] of Object.entries(texts)) {
        try {
            await parse(name, text);
        } catch (error) {
            console.log(`${name}: ${error}`);
        }
    }
})();
