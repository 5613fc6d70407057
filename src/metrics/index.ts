export { type ClassificationReport, classificationReport, type ReportOptions, type Scores } from './classification-report.ts';
export { accuracy, confusionMatrix } from './confusion-matrix.ts';
