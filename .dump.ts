import PostalMime from 'postal-mime';
import { readFileSync } from 'node:fs';
for (const f of process.argv.slice(2)) {
  const e = await PostalMime.parse(readFileSync('/work/shared/corpora/bounces/'+f), {forceRfc822Attachments:true});
  console.log('=====', f, '| subj:', e.subject, '| from:', e.headers.find(h=>h.key==='from')?.value, '| rp:', e.returnPath, '| parts:', e.attachments.map(a=>a.mimeType).join(','));
  console.log((e.text ?? '['+ (e.html?'html':'')+']').split('\n').filter(l=>l.trim()).slice(0, Number(process.env.N||14)).map(l=>l.slice(0,220)).join('\n'));
}
