// The script of the console. Its pages are written by the service and work without it: it copies texts, keeps a form whose service
// cannot be reached, shows the progress of uploads and checks, and moves the slider.

import { watchConnection } from './connection.ts';
import { offerCopies } from './copy.ts';
import { guardForms } from './forms.ts';
import { moveSliders } from './goal-slider.ts';
import { showProgress } from './job-progress.ts';
import { takeLists } from './upload.ts';

watchConnection();
offerCopies();
takeLists();
guardForms();
moveSliders();
showProgress();
